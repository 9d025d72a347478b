/** The small square blocks on the diagonal, in float64 whatever the matrix is stored in. */
import { type FloatArray, NotPositiveDefinite } from './linalg.js';

/**
 * Upper triangular U with block = Uᵀ U, zeros below; `block` is [n, n] and only its upper triangle is read.
 * @throws NotPositiveDefinite with the pivot's row within the block.
 */
export function factorBlock(block: FloatArray, n: number): Float64Array {
  const u = new Float64Array(n * n);
  for (let i = 0; i < n; i++) u.set(block.subarray(i * n + i, (i + 1) * n), i * n + i);
  for (let k = 0; k < n; k++) {
    const pivot = u[k * n + k] as number;
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) throw new NotPositiveDefinite(k, pivot);
    const root = Math.sqrt(pivot);
    for (let j = k; j < n; j++) u[k * n + j]! /= root;
    for (let i = k + 1; i < n; i++) subtractRow(u, k * n, i * n, i, n, u[k * n + i] as number);
  }
  return u;
}

/** Upper triangular inverse of an upper triangular `u` of [n, n]; a zero on the diagonal gives infinities. */
export function invertBlock(u: FloatArray, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const scale = 1 / (u[row + i] as number);
    for (let k = i + 1; k < n; k++) subtractRow(inverse, k * n, row, k, n, (u[row + k] as number) * scale);
    inverse[row + i] = scale;
  }
  return inverse;
}

/** Elements `from` to `to` of the row at `target` lose `factor` times those of the row at `source`. */
function subtractRow(m: Float64Array, source: number, target: number, from: number, to: number, factor: number): void {
  for (let j = from; j < to; j++) m[target + j]! -= factor * (m[source + j] as number);
}

/** Transpose of a square block, in the type of `like`. */
export function transposeBlock<T extends FloatArray>(block: FloatArray, n: number, like: T): T {
  const result = emptyLike(like, n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[j * n + i] = block[i * n + j] as number;
  return result;
}

/** Zeros in the type of `like`. */
export const emptyLike = <T extends FloatArray>(like: T, length: number): T =>
  (like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length)) as T;
