/** The arithmetic of SparseGPT: the loss of removing each weight, and what removing it does to the weights on its right. */
import type { MatrixStack } from '../tensor/matrix.js';
import type { Factors } from './inverse-factors.js';
import type { Products } from './pruner.js';

/** w² / U_jj² of the columns [from, to), [stacks * rows, to - from]; 0 for dead inputs. */
export function lossOfRemoval(weight: MatrixStack, factors: Factors, from = 0, to = weight.columns): Float32Array {
  const { stacks, rows, columns, data } = weight;
  const width = to - from;
  const losses = new Float32Array(stacks * rows * width);
  for (let stack = 0, at = 0; stack < stacks; stack++) {
    const factor = inverseSquaredDiagonal(factors, stack, columns);
    for (let row = stack * rows; row < (stack + 1) * rows; row++) {
      const start = row * columns;
      for (let j = from; j < to; j++, at++) losses[at] = data[start + j] * data[start + j] * factor[j];
    }
  }
  return losses;
}

/** 1 / U_jj², 0 for dead inputs. */
export function inverseSquaredDiagonal({ U, dead }: Factors, stack: number, columns: number): Float64Array {
  const factor = U[stack] as Float64Array;
  return Float64Array.from({ length: columns }, (_, j) =>
    dead[stack * columns + j] ? 0 : 1 / factor[j * columns + j] ** 2,
  );
}

/**
 * Decides about one row when its pass reaches a column: `w[i]` is that column's weight, `kept[at]` its mask; what follows on the
 * right of both may be read and cleared too.
 */
export type RowChooser = (
  w: Float64Array,
  i: number,
  stack: number,
  column: number,
  kept: Uint8Array,
  at: number,
) => void;

/**
 * Removes what `kept` says from the columns [from, to), updates the columns right of each inside the block, and leaves in
 * `errors`, [stacks, columns, rows], what later blocks have to make up for.
 */
export function pruneColumns(
  weight: MatrixStack,
  { U }: Factors,
  from: number,
  to: number,
  kept: Uint8Array,
  errors: Float32Array,
  inRow?: RowChooser,
): void {
  const { stacks, rows, columns, data } = weight;
  const width = to - from;
  const w = new Float64Array(width);
  const u = new Float64Array(width * width);
  for (let stack = 0; stack < stacks; stack++) {
    const factor = U[stack] as Float64Array;
    for (let i = from; i < to; i++) {
      u.set(factor.subarray(i * columns + from, i * columns + to), (i - from) * width);
    }
    for (let r = 0; r < rows; r++) {
      const row = stack * rows + r;
      const start = row * columns + from;
      const mask = row * width;
      for (let j = 0; j < width; j++) w[j] = data[start + j];
      for (let i = 0; i < width; i++) {
        if (inRow) inRow(w, i, stack, from + i, kept, mask + i);
        if (kept[mask + i] === 1) continue;
        const line = i * width;
        const error = w[i] / u[line + i];
        subtractScaled(w, u, error, line, i + 1, width);
        errors[(stack * columns + from + i) * rows + r] = error;
      }
      for (let j = 0; j < width; j++) data[start + j] = kept[mask + j] === 1 ? w[j] : 0;
    }
  }
}

/** w[j] -= error * u[line + j] for j in [from, to): nearly all of the time outside the runtime is spent here. */
function subtractScaled(w: Float64Array, u: Float64Array, error: number, line: number, from: number, to: number): void {
  let j = from;
  // four at a time take half the time of one by one
  for (; j + 3 < to; j += 4) {
    const at = line + j;
    w[j] -= error * u[at];
    w[j + 1] -= error * u[at + 1];
    w[j + 2] -= error * u[at + 2];
    w[j + 3] -= error * u[at + 3];
  }
  for (; j < to; j++) w[j] -= error * u[line + j];
}

/**
 * Subtracts from the columns [from, to) what the columns before owe them: Eᵀ U of all earlier blocks in one product, so that each
 * column is read and written once.
 */
export async function subtractPropagated(
  weight: MatrixStack,
  errors: Float32Array,
  { U }: Factors,
  from: number,
  to: number,
  linalg: Products,
): Promise<void> {
  const { stacks, rows, columns, data } = weight;
  const width = to - from;
  for (let stack = 0; stack < stacks; stack++) {
    const E = errors.subarray(stack * columns * rows, (stack * columns + from) * rows);
    const factor = U[stack] as Float64Array;
    const transposed = new Float32Array(width * from);
    for (let i = 0; i < from; i++) {
      const line = i * columns + from;
      for (let j = 0; j < width; j++) transposed[j * from + i] = factor[line + j];
    }
    const owed = await linalg.matmul(transposed, E, { m: width, k: from, n: rows });
    for (let r = 0; r < rows; r++) {
      const start = (stack * rows + r) * columns + from;
      for (let j = 0; j < width; j++) data[start + j] -= owed[j * rows + r];
    }
  }
}
