/** What a statistic of a layer's inputs is: how it is emitted into the graph and added up there. */

import type { Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';

export interface Observer {
  /** How pieces of two batches become one. */
  readonly combine: 'sum' | 'max' | 'min';
  /** The shapes of the pieces that the statistic is kept in. */
  pieces(stacks: number, columns: number): readonly (readonly number[])[];
  /** Emits the pieces for one batch, as float32. @param x [stacks, samples, columns]. */
  emit(g: Builder, x: Value, stacks: number, columns: number): readonly Value[];
  /** The whole statistic from its pieces. */
  join(pieces: readonly Float64Array[], stacks: number, columns: number): Float64Array;
}

/** A statistic with one number per column, kept in one piece. @param emit gives [stacks, columns]. */
export const perColumn = (
  combine: Observer['combine'],
  emit: (g: Builder, x: Value, shape: readonly number[]) => Value,
): Observer => ({
  combine,
  pieces: (stacks, columns) => [[stacks, columns]],
  emit: (g, x, stacks, columns) => [emit(g, x, [stacks, columns])],
  join: (pieces) => pieces[0] as Float64Array,
});
