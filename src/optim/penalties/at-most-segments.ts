/** atMostSegments: the constraint that a series changes only within a few contiguous runs. */
import { UserError } from '../../errors.js';
import { everywhere, type Penalty } from './penalty.js';
import {
  changedRuns,
  checkSeries,
  gapsIn,
  keepRuns,
  lengthOf,
  type Run,
  type Savings,
  type Series,
  savingsOf,
} from './series.js';

export interface AtMostSegmentsOptions extends Series {
  /** The positions that all runs may have together; without such a limit a single run would allow everything. */
  readonly positions: number;
}

/**
 * All channels are zero but within `count` runs, which have `positions` positions at most. A run may pass over zeros.
 * The projection is exact: the best path over positions, runs and positions used, in time length * count * positions.
 * @throws UserError if `count` or `positions` isn't a whole number, if an array isn't [channels, length] or, in `prox`, if the box keeps more from zero than the runs can cover.
 */
export function atMostSegments(count: number, { positions, ...series }: AtMostSegmentsOptions): Penalty {
  if (!(Number.isInteger(count) && count >= 0 && Number.isInteger(positions) && positions >= 0)) {
    throw new UserError(
      'atMostSegments',
      `expected whole numbers of runs and positions, got ${count} and ${positions}`,
    );
  }
  return {
    name: 'at most segments',
    value(x) {
      checkSeries('atMostSegments', x, series);
      const runs = changedRuns(x, series);
      // where there are too many, the shortest gaps are passed over
      const passed = gapsIn(runs)
        .sort((a, b) => a - b)
        .slice(0, Math.max(runs.length - count, 0));
      const isCovered = runs.length - passed.length <= count;
      const used = passed.reduce((sum, gap) => sum + gap, lengthOf(runs));
      return isCovered && used <= positions ? 0 : Number.POSITIVE_INFINITY;
    },
    prox(z, _step, box = everywhere, out = new Float32Array(z.length)) {
      checkSeries('atMostSegments', z, series);
      return keepRuns(z, bestRuns(savingsOf(z, 1, box, series), count, positions), box, series, out);
    },
  };
}

/** The runs that save most; of equals those with fewer runs, and then those with fewer positions. */
function bestRuns({ saved, held }: Savings, count: number, positions: number): Run[] {
  const { length } = saved;
  const most = Math.min(positions, length);
  const width = most + 1;
  const cells = (Math.min(count, most) + 1) * width;
  // of each number of runs begun and of positions used in them, the most that is saved, at a position outside of runs and in one
  const outside = new Float64Array(cells).fill(Number.NEGATIVE_INFINITY);
  const inside = outside.slice();
  outside[0] = 0;
  /** Bit 0: the best path came from a run to a position outside of runs; bit 1: to one in a run. */
  const fromRun = new Uint8Array(length * cells);
  for (let i = 0; i < length; i++) {
    // what is kept in any case saves the same on all paths
    const gain = held[i] ? 0 : (saved[i] as number);
    // downwards, so that the cells below still are those of the position before
    for (let cell = cells - 1; cell >= 0; cell--) {
      const ends = inside[cell]! > outside[cell]!;
      const extended = cell % width > 0 ? inside[cell - 1]! : Number.NEGATIVE_INFINITY;
      const opened = cell % width > 0 && cell > width ? outside[cell - 1 - width]! : Number.NEGATIVE_INFINITY;
      if (ends) outside[cell] = inside[cell]!;
      if (held[i]) outside[cell] = Number.NEGATIVE_INFINITY;
      inside[cell] = Math.max(extended, opened) + gain;
      fromRun[i * cells + cell] = Number(ends) + 2 * Number(extended > opened);
    }
  }
  return trace(fromRun, { outside, inside, width, length });
}

interface Paths {
  readonly outside: Float64Array;
  readonly inside: Float64Array;
  readonly width: number;
  readonly length: number;
}

/** The runs of the best path, followed backwards. */
function trace(fromRun: Uint8Array, { outside, inside, width, length }: Paths): Run[] {
  const cells = outside.length;
  const best = outside.map((value, cell) => Math.max(value, inside[cell]!));
  const least = Math.max(...best);
  if (least === Number.NEGATIVE_INFINITY) {
    throw new UserError(
      'atMostSegments',
      `expected a box with zero outside of ${cells / width - 1} runs of ${width - 1} positions, got one without; allow more or widen the box`,
    );
  }
  let cell = best.indexOf(least);
  let isInside = inside[cell]! > outside[cell]!;
  let end = length;
  const runs: Run[] = [];
  for (let i = length - 1; i >= 0; i--) {
    const bits = fromRun[i * cells + cell]!;
    const cameFromRun = (isInside ? bits >> 1 : bits & 1) === 1;
    if (isInside && !cameFromRun) runs.push([i, end]);
    if (isInside) cell -= cameFromRun ? 1 : 1 + width;
    else end = i;
    isInside = cameFromRun;
  }
  return runs.reverse();
}
