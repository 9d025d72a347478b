/** How sparse a layer is now, and whether its zeros follow an n:m pattern. */
import type { Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import { isConvertible } from '../../tensor/convert.js';

export interface LayerSparsity {
  /** Fraction of weights that are zero. */
  readonly sparsity: number;
  /** `n:m` when no m consecutive inputs keep more than n, with n at most m / 2. */
  readonly pattern?: string;
}

const groupSizes = [4, 8, 16, 32] as const;

/** Below this no pattern that removes half can hold. */
const leastSparsity = 0.5;

/**
 * Layers stored as floats that are too dense for a pattern are not read again.
 * @param nonZero stored elements that are not zero; a quantised layer's zeros are its zero points and counted here.
 */
export function sparsityOf(layer: Layer, nonZero: number): LayerSparsity {
  const storedSparsity = 1 - nonZero / layer.positions;
  if (!isConvertible(layer.dtype) || (!layer.quantization && storedSparsity < leastSparsity)) {
    return { sparsity: storedSparsity };
  }
  const values = readMatrices(layer);
  const sparsity = layer.quantization ? values.filter((value) => value === 0).length / values.length : storedSparsity;
  const pattern = sparsity < leastSparsity ? undefined : patternOf(values, layer.layout.columns);
  return { sparsity, ...(pattern === undefined ? {} : { pattern }) };
}

/** Of the patterns that hold, the one with the smallest groups; leftover columns at the end of a row are free. */
function patternOf(values: Float32Array, columns: number): string | undefined {
  for (const m of groupSizes) {
    if (columns < m) return undefined;
    const n = mostKept(values, columns, m);
    if (n > 0 && n <= m / 2) return `${n}:${m}`;
  }
  return undefined;
}

/** The most non-zeros in any group; stops counting when there are too many for a pattern. */
function mostKept(values: Float32Array, columns: number, m: number): number {
  const grouped = columns - (columns % m);
  let most = 0;
  for (let row = 0; row < values.length; row += columns) {
    for (let start = row; start < row + grouped; start += m) {
      let kept = 0;
      for (let i = start; i < start + m; i++) if (values[i] !== 0) kept++;
      if (kept > most) most = kept;
      if (most > m / 2) return most;
    }
  }
  return most;
}
