/** Views: what a network is shown of series, each row changed at random and apart from the others. */

import type { Series } from '../../data/series.js';
import type { Random } from '../../tensor/random.js';
import { type Sequence, sequence } from '../../tensor/sequence.js';
import type { Augmentation, Shape } from './augmentation.js';

/** The random numbers of each row of a batch. */
export type Draws = (row: number) => Sequence;

export interface View {
  readonly name: string;
  /** A new array, [count, channels, length], with zeros after the valid steps as in `series`. */
  of(series: Series, draws: Draws): Float32Array;
}

/** Rows of a batch whose numbers are apart from those of the next step. */
const most = 2 ** 14;

/**
 * The numbers of a batch's rows at one step, a function of `random`, step and row alone: batches may be drawn in any order.
 * Views of the same batch need a stream of `random` each. A batch has at most 16384 rows, a run 2 million steps.
 */
export const drawsAt =
  (random: Random, step: number): Draws =>
  (row) =>
    sequence(random, step * most + row);

/** The series as they are. */
export const none: View = { name: 'none', of: ({ values }) => values.slice() };

/** One augmentation at a fixed magnitude in [0, 1]; 0 changes nothing. */
export function single(augmentation: Augmentation, magnitude: number): View {
  const name = `${augmentation.name} ${magnitude}`;
  if (magnitude === 0) return { ...none, name };
  return rowByRow(name, (x, shape, draw) => augmentation.apply(x, shape, magnitude, draw));
}

/** A view that changes each row that has values in place, knowing its shape and its random numbers. */
export const rowByRow = (name: string, change: (x: Float32Array, shape: Shape, draw: Sequence) => void): View => ({
  name,
  of({ count, channels, length, values, lengths }, draws) {
    const result = values.slice();
    const size = channels * length;
    for (let row = 0; row < count; row++) {
      const valid = lengths?.[row] ?? length;
      if (valid > 0) change(result.subarray(row * size, (row + 1) * size), { channels, length, valid }, draws(row));
    }
    return result;
  },
});
