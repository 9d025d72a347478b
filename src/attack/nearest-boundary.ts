/** nearestBoundary: where a classifier, taken as linear around a point, would first reach the goal, and the least step that leads there. */
import { gap } from '../oracle/objectives.js';
import type { Judged, Victim } from './victim.js';

/** The norm that a step is least in. */
export type StepNorm = 'l1' | 'l2' | 'linf';

/** Added to the scores that are missing, as in published code: a step onto the boundary may not cross it. */
export const justBehind = 1e-4;

/** Of each point the nearest boundary: the plane on which `gaps[row] = normal . step`. */
export interface Boundaries extends Judged {
  /** [rows, size]: along them the goal comes nearer. Zero where no boundary was found. */
  readonly normals: Float32Array;
  /** Scores that are missing: positive while the goal is not reached. */
  readonly gaps: Float32Array;
  /** To the plane, in the norm; infinite where no boundary was found. */
  readonly distances: Float32Array;
}

/**
 * Moosavi-Dezfooli, Fawzi, Frossard, DeepFool: a simple and accurate method to fool deep neural networks (arXiv 1511.04599), one
 * linearisation. Untargeted, of the boundaries between the label and each of its rivals the nearest in the norm; a gradient a rival is
 * asked for. Targeted, the boundary between the target and the best other label.
 * @param rivals of each row, from `rivalsOf`.
 */
export async function nearestBoundary(
  victim: Victim,
  points: Float32Array,
  rows: readonly number[],
  rivals: readonly (readonly number[])[],
  norm: StepNorm,
): Promise<Boundaries> {
  const { size, classes, goals, targeted } = victim;
  if (targeted) {
    const { gradients, values, logits, margins } = await victim.slopes(gap, points, rows);
    const normals = gradients.map((value) => -value);
    const distances = values.map((value, j) => distance(normals.subarray(j * size, (j + 1) * size), value, norm));
    return { logits, margins, normals, gaps: values, distances };
  }
  // each point once a rival
  const copies = rows.flatMap((row, j) => rivals[row]!.map((rival) => ({ row, j, rival })));
  const asked = new Float32Array(copies.length * size);
  const cotangents = new Float32Array(copies.length * classes);
  copies.forEach(({ row, j, rival }, i) => {
    asked.set(points.subarray(j * size, (j + 1) * size), i * size);
    cotangents[i * classes + rival] = 1;
    cotangents[i * classes + goals[row]!] = -1;
  });
  const found = await victim.pullback(
    asked,
    cotangents,
    copies.map(({ row }) => row),
  );
  const [normals, gaps] = [new Float32Array(rows.length * size), new Float32Array(rows.length)];
  const [logits, margins] = [new Float32Array(rows.length * classes), new Float32Array(rows.length)];
  const distances = new Float32Array(rows.length).fill(Number.POSITIVE_INFINITY);
  copies.forEach(({ j }, i) => {
    const isFirst = copies[i - 1]?.j !== j;
    if (isFirst) logits.set(found.logits.subarray(i * classes, (i + 1) * classes), j * classes);
    if (isFirst) margins[j] = found.margins[i]!;
    const normal = found.gradients.subarray(i * size, (i + 1) * size);
    const missing = -found.values[i]!;
    const far = distance(normal, missing, norm);
    if (!(far < distances[j]!)) return;
    distances[j] = far;
    gaps[j] = missing;
    normals.set(normal, j * size);
  });
  return { logits, margins, normals, gaps, distances };
}

/** Of each example the labels with the largest scores when clean, without its own, best first: at most `count`. */
export async function rivalsOf(victim: Victim, count: number): Promise<number[][]> {
  const { classes, goals } = victim;
  const others = victim.all.map((row) => Array.from({ length: classes }, (_, c) => c).filter((c) => c !== goals[row]));
  if (victim.targeted || count >= classes - 1) return others;
  const { logits } = await victim.scores(victim.x, victim.all);
  return others.map((labels, row) =>
    labels.sort((a, b) => logits[row * classes + b]! - logits[row * classes + a]!).slice(0, count),
  );
}

/** The step, least in the norm, along which `normal . step = gap`; written over `into`. */
export function leastStep(normal: Float32Array, missing: number, norm: StepNorm, into: Float32Array): Float32Array {
  into.fill(0);
  const length = dual(normal, norm);
  if (length === 0) return into;
  if (norm === 'l1') {
    const at = normal.findIndex((value) => Math.abs(value) === length);
    into[at] = missing / normal[at]!;
    return into;
  }
  for (let i = 0; i < normal.length; i++)
    into[i] = norm === 'l2' ? (missing / length) * (normal[i]! / length) : (missing / length) * Math.sign(normal[i]!);
  return into;
}

function distance(normal: Float32Array, missing: number, norm: StepNorm): number {
  const length = dual(normal, norm);
  return length === 0 ? Number.POSITIVE_INFINITY : Math.abs(missing) / length;
}

/** The dual of the norm. */
function dual(normal: Float32Array, norm: StepNorm): number {
  let [sum, most] = [0, 0];
  for (let i = 0; i < normal.length; i++) {
    const value = Math.abs(normal[i]!);
    sum += norm === 'l2' ? value * value : value;
    if (value > most) most = value;
  }
  if (norm === 'l1') return most;
  return norm === 'l2' ? Math.sqrt(sum) : sum;
}
