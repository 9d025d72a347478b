/** How far pruned weights are from the dense ones. */
import type { Products } from '../../prune/index.js';
import type { MatrixStack } from '../../tensor/matrix.js';

export function zerosIn(values: Float32Array): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  return zeros;
}

/** ‖before - after‖ / ‖before‖, 0 when both are zero. */
export function relativeChange(before: Float32Array, after: Float32Array): number {
  let change = 0;
  let whole = 0;
  for (let i = 0; i < before.length; i++) {
    const dense = before[i] as number;
    const difference = dense - (after[i] as number);
    change += difference * difference;
    whole += dense * dense;
  }
  return whole === 0 ? 0 : Math.sqrt(change / whole);
}

/**
 * ‖(W - Ŵ) X‖ / ‖W X‖ over all stacks, from Gram matrices: ‖A X‖² is the trace of A (X Xᵀ) Aᵀ.
 * @param gram [stacks * columns * columns]
 */
export async function outputError(
  weight: MatrixStack,
  after: Float32Array,
  gram: Float64Array,
  linalg: Products,
): Promise<number> {
  const { stacks, rows, columns } = weight;
  const difference = Float32Array.from(weight.data, (value, i) => value - (after[i] as number));
  let change = 0;
  let whole = 0;
  for (let stack = 0; stack < stacks; stack++) {
    const size = columns * columns;
    const moments = Float32Array.from(gram.subarray(stack * size, (stack + 1) * size));
    const part = (data: Float32Array): Float32Array =>
      data.subarray(stack * rows * columns, (stack + 1) * rows * columns);
    change += await energy(part(difference), moments, { rows, columns }, linalg);
    whole += await energy(part(weight.data), moments, { rows, columns }, linalg);
  }
  return whole === 0 ? 0 : Math.sqrt(Math.max(0, change) / whole);
}

async function energy(
  a: Float32Array,
  moments: Float32Array,
  { rows, columns }: { rows: number; columns: number },
  linalg: Products,
): Promise<number> {
  const product = await linalg.matmul(a, moments, { m: rows, k: columns, n: columns });
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (product[i] as number);
  return sum;
}
