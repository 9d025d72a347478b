/** crossings: from any points the way across the nearest boundary, and the slope there. */

import { rowAt } from '../oracle/packed.js';
import { justBehind, leastStep, nearestBoundary } from './nearest-boundary.js';
import type { Victim } from './victim.js';

export interface Crossings {
  /** [rows, size]: slope, behind the boundary, of the lead that the winning label has over the label left there. */
  readonly normals: Float32Array;
  /** How much that lead grows from the point to there, taken as linear. */
  readonly ways: Float32Array;
}

interface Settings {
  readonly steps: number;
  readonly overshoot: number;
}

/**
 * DeepFool (arXiv 1511.04599) in l2 and without a box, from each row's point. What it meets on its way is no find: it is dense.
 * @param from points of all examples, [count, size]. @param rivals of each example, from `rivalsOf`.
 */
export async function crossings(
  victim: Victim,
  from: Float32Array,
  rows: readonly number[],
  rivals: readonly (readonly number[])[],
  { steps, overshoot }: Settings,
): Promise<Crossings> {
  const { size } = victim;
  const [normals, ways] = [new Float32Array(rows.length * size), new Float32Array(rows.length)];
  const [walked, step] = [new Float32Array(rows.length * size), new Float32Array(size)];
  let open = rows.map((_, j) => j);
  for (let n = 1; open.length > 0; n++) {
    const asked = open.map((j) => rows[j]);
    const near = await nearestBoundary(victim, reached(), asked, rivals, 'l2');
    open.forEach((j, k) => {
      leastStep(rowAt(near.normals, size, k), Math.abs(near.gaps[k]) + justBehind, 'l2', step);
      for (let i = 0; i < size; i++) walked[j * size + i] += step[i];
    });
    const { logits, margins } = await victim.scores(reached(), asked, 'guide');
    const isDone = open.map((_, k) => margins[k] < 0 || n >= steps);
    const done = open.filter((_, k) => isDone[k]);
    const leads = new Float32Array(done.length * victim.classes);
    open
      .flatMap((_, k) => (isDone[k] ? [k] : []))
      .forEach((k, i) => {
        lead(victim, asked[k], rowAt(logits, victim.classes, k), rowAt(leads, victim.classes, i));
      });
    await slopesAt(done, leads);
    open = open.filter((_, k) => !isDone[k]);
  }
  return { normals, ways };

  /** Where the open ones have come. */
  function reached(places: readonly number[] = open): Float32Array {
    const points = new Float32Array(places.length * size);
    places.forEach((j, k) => {
      const [start, at] = [rows[j] * size, j * size];
      for (let i = 0; i < size; i++) points[k * size + i] = from[start + i] + (1 + overshoot) * walked[at + i];
    });
    return points;
  }

  async function slopesAt(places: readonly number[], leads: Float32Array): Promise<void> {
    if (places.length === 0) return;
    const samples = places.map((j) => rows[j]);
    const { gradients } = await victim.pullback(reached(places), leads, samples, 'guide');
    places.forEach((j, k) => {
      const normal = rowAt(gradients, size, k);
      normals.set(normal, j * size);
      let way = 0;
      for (let i = 0; i < size; i++) way += normal[i] * walked[j * size + i];
      ways[j] = Math.abs((1 + overshoot) * way);
    });
  }
}

/** Of the best label over the one that is left, or of the target over the best other: +1 and -1. */
function lead({ goals, targeted }: Victim, row: number, logits: Float32Array, into: Float32Array): void {
  const goal = goals[row];
  let other = goal === 0 ? 1 : 0;
  for (let c = 0; c < logits.length; c++) if (c !== goal && logits[c] > logits[other]) other = c;
  into[goal] = targeted ? 1 : -1;
  into[other] = targeted ? -1 : 1;
}
