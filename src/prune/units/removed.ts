/** What becomes of the matrices that read units when some of these are gone. */
import type { Holding } from '../../groups/holdings.js';
import type { Layer } from '../../ops/layers.js';
import type { ColumnStatistics } from './criterion.js';

export interface Gone {
  readonly holdings: { readonly reads: readonly Holding[] };
  /** 1 where a unit stays. */
  readonly living: Uint8Array;
}

/** By layer that reads units, 1 where a column of all stacks stays; layers that lose nothing are not there. */
export function columnsLeft(groups: readonly Gone[]): Map<Layer, Uint8Array> {
  const left = new Map<Layer, Uint8Array>();
  for (const { holdings, living } of groups) {
    if (!living.includes(0)) continue;
    for (const { layer, unitOf } of holdings.reads) {
      const columns = left.get(layer) ?? new Uint8Array(unitOf.length).fill(1);
      for (const [column, unit] of unitOf.entries()) if (unit >= 0 && !living[unit]) columns[column] = 0;
      left.set(layer, columns);
    }
  }
  return left;
}

/** From columns of all stacks to elements, [stacks * rows * columns]. */
export function overMatrices({ layout: { stacks, rows, columns } }: Layer, left: Uint8Array): Uint8Array {
  const mask = new Uint8Array(stacks * rows * columns);
  for (let row = 0; row < stacks * rows; row++) {
    const stack = Math.floor(row / rows);
    mask.set(left.subarray(stack * columns, (stack + 1) * columns), row * columns);
  }
  return mask;
}

/**
 * What the columns that go gave to each row of all stacks on average: W times the mean of the input (An et al., arXiv 2312.11983).
 * @param matrices [stacks * rows * columns]
 */
export function meanGiven(
  { layout: { rows, columns } }: Layer,
  matrices: Float32Array,
  { columnSum, samples }: ColumnStatistics,
  left: Uint8Array,
): Float64Array {
  const given = new Float64Array(matrices.length / columns);
  for (const row of given.keys()) {
    const stack = Math.floor(row / rows);
    for (let column = 0; column < columns; column++) {
      const line = stack * columns + column;
      if (!left[line]) given[row]! += (matrices[row * columns + column]! * columnSum![line]!) / samples;
    }
  }
  return given;
}
