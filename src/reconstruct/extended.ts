/** Matrices with a bias as one more column, in float64: [stacks][rows, columns + 1]; without a bias, as they are. */
import type { StackShape } from '../tensor/matrix.js';

/** @param matrices [stacks, rows, columns]; @param last one number for each row of each stack. */
export function extend(
  { stacks, rows, columns }: StackShape,
  matrices: Float32Array,
  last?: Float32Array,
): Float64Array[] {
  const width = columns + (last ? 1 : 0);
  return Array.from({ length: stacks }, (_, stack) => {
    const whole = new Float64Array(rows * width);
    for (let r = 0; r < rows; r++) {
      const row = stack * rows + r;
      whole.set(matrices.subarray(row * columns, (row + 1) * columns), r * width);
      if (last) whole[r * width + columns] = last[row]!;
    }
    return whole;
  });
}

/** The other way; `last` is empty where there is no such column. */
export function contract(
  { stacks, rows, columns }: StackShape,
  extended: readonly Float64Array[],
): { matrices: Float32Array; last: Float32Array } {
  const width = extended[0]!.length / rows;
  const matrices = new Float32Array(stacks * rows * columns);
  const last = new Float32Array(width > columns ? stacks * rows : 0);
  extended.forEach((whole, stack) => {
    for (let r = 0; r < rows; r++) {
      const row = stack * rows + r;
      matrices.set(whole.subarray(r * width, r * width + columns), row * columns);
      if (width > columns) last[row] = whole[r * width + columns]!;
    }
  });
  return { matrices, last };
}
