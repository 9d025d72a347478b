/** fwnucl: step by step, a group of rank one is mixed into the change, which so stays in a ball of the group nuclear norm. */

import { crossEntropy } from '../oracle/objectives.js';
import { pick } from '../oracle/packed.js';
import { attack } from './attack.js';
import { losses } from './losses.js';
import { pointsAt } from './norm-balls.js';
import { atom } from './nuclear-atoms.js';
import { tilesOf } from './tiles.js';
import type { Use, Victim } from './victim.js';

/**
 * Kazemi, Kerdreux, Wang, Generating structured adversarial attacks using Frank-Wolfe method (arXiv 2102.07360): the conditional
 * gradient method on the cross-entropy of the example cut to the box.
 *
 * Defaults are those of the comparison in Sadiku, Wagner, Pokutta (arXiv 2311.17434): golden-section search of each step, every channel of
 * a group moved, all steps done and the last change taken. The authors' own code has the exact corner (`oracle: original`) and steps of
 * 1 / (t + 3) (`step: open-loop`). `take: first` ends at the first success on the way, which changes far less. Groups are squares,
 * segments of series, runs of features; where a group is one matrix, a series' is channels by time.
 */
export const fwnucl = attack({
  name: 'fwnucl',
  family: 'group',
  needs: 'gradients',
  paper:
    'Kazemi, Kerdreux, Wang, Generating structured adversarial attacks using Frank-Wolfe method (arXiv 2102.07360)',
  range: [-1, 1],
  measure: 'l2',
  budget: 'eps',
  options: {
    eps: { default: 5, about: 'radius of the ball: the most that the group nuclear norm may be', from: 1e-12 },
    group: { default: 4, about: 'side of a group, or its length', from: 1, whole: true },
    steps: { default: 200, about: 'groups mixed in', from: 1, whole: true },
    step: {
      default: 'search',
      about: 'size of a step: by golden-section search, or 1 / (t + 3)',
      choices: ['search', 'open-loop'],
    },
    lineSteps: { default: 25, about: 'times a search cuts its interval', from: 1, whole: true },
    oracle: {
      default: 'port',
      about:
        'which group is moved: by nuclear norms, all its channels alike, as in the comparison, or by the largest singular value, as in the original code',
      choices: ['port', 'original'],
    },
    take: {
      default: 'last',
      about: 'the change after all steps, or the first that reaches the goal',
      choices: ['last', 'first'],
    },
  },
  defaults: ({ kind, height }) => (kind === 'features' ? { group: 1 } : height > 64 ? { group: 32 } : {}),
  async run(victim, options) {
    const { space, size, x } = victim;
    const { steps, step, lineSteps, oracle, take } = options;
    const tiles = tilesOf(space, options.group);
    const use = take === 'last' ? 'guide' : 'candidate';
    const change = new Float32Array(x.length);
    let rows: readonly number[] = victim.all;
    for (let t = 0; t < steps && rows.length > 0; t++) {
      const { gradients } = await victim.slopes(crossEntropy, pointsAt(victim, change, rows), rows, use);
      cutSlopes(victim, rows, change, gradients);
      const corners = new Float32Array(gradients.length);
      // without a slope there is nowhere to go
      const moves = rows.map(
        (row, j) =>
          (take === 'last' || !victim.found(row)) &&
          atom(
            gradients.subarray(j * size, (j + 1) * size),
            space,
            tiles,
            victim.budget(row, options.eps),
            oracle,
            corners.subarray(j * size, (j + 1) * size),
          ),
      );
      const places = [...rows.keys()].filter((j) => moves[j]);
      rows = places.map((j) => rows[j]!);
      const ends = pick(corners, size, places);
      const shares =
        step === 'search'
          ? await search(victim, rows, change, ends, lineSteps, use)
          : new Float64Array(rows.length).fill(1 / (t + 3));
      rows.forEach((row, j) => {
        mix(change, row * size, ends, j * size, size, shares[j]!, change, row * size);
      });
      if (take === 'first') rows = rows.filter((row) => !victim.found(row));
    }
    const last = victim.all.filter((row) => !victim.found(row));
    if (last.length > 0) await victim.scores(pointsAt(victim, change, last), last);
  },
});

/** Where the box cuts a change, changing it more or less changes nothing. */
function cutSlopes(
  { x, lower, upper, size }: Victim,
  rows: readonly number[],
  change: Float32Array,
  gradients: Float32Array,
): void {
  let j = 0;
  for (const row of rows)
    for (let at = row * size; at < (row + 1) * size; at++, j++) {
      const value = Math.fround(x[at]! + change[at]!);
      if (value < lower[at]! || value > upper[at]!) gradients[j] = 0;
    }
}

/** out = (1 - share) a + share b. */
function mix(
  a: Float32Array,
  fromA: number,
  b: Float32Array,
  fromB: number,
  size: number,
  share: number,
  out: Float32Array,
  to: number,
): void {
  for (let i = 0; i < size; i++) out[to + i] = (1 - share) * a[fromA + i]! + share * b[fromB + i]!;
}

const golden = (Math.sqrt(5) - 1) / 2;

/** The share of each row's corner at which the cross-entropy is least for the attacker, if it has one valley. */
async function search(
  victim: Victim,
  rows: readonly number[],
  change: Float32Array,
  corners: Float32Array,
  cuts: number,
  use: Use,
): Promise<Float64Array> {
  const { size } = victim;
  const tried = new Float32Array(change.length);
  const ask = async (shares: Float64Array): Promise<Float64Array> => {
    rows.forEach((row, j) => {
      mix(change, row * size, corners, j * size, size, shares[j]!, tried, row * size);
    });
    const judged = await victim.scores(pointsAt(victim, tried, rows), rows, use);
    return Float64Array.from(rows, (row, j) => losses['cross-entropy'].of(judged, j, victim, row));
  };
  const [low, high] = [new Float64Array(rows.length), new Float64Array(rows.length).fill(1)];
  const left = high.map(() => 1 - golden);
  const right = high.map(() => golden);
  let [atLeft, atRight] = [await ask(left), await ask(right)];
  for (let cut = 0; cut < cuts; cut++) {
    const isLeft = atLeft.map((value, j) => Number(value < atRight[j]!));
    const next = new Float64Array(rows.length);
    for (let j = 0; j < rows.length; j++) {
      if (isLeft[j]) {
        [high[j], right[j]] = [right[j]!, left[j]!];
        next[j] = left[j] = high[j]! - golden * (high[j]! - low[j]!);
      } else {
        [low[j], left[j]] = [left[j]!, right[j]!];
        next[j] = right[j] = low[j]! + golden * (high[j]! - low[j]!);
      }
    }
    if (cut === cuts - 1) break;
    const found = await ask(next);
    const [before, after] = [atLeft, atRight];
    atLeft = found.map((value, j) => (isLeft[j] ? value : after[j]!));
    atRight = found.map((value, j) => (isLeft[j] ? before[j]! : value));
  }
  return low.map((value, j) => (value + high[j]!) / 2);
}
