/** Seeded matrices and plain products to compare with. */
import { emptyLike } from '../../src/linalg/diagonal.js';
import type { FloatArray } from '../../src/linalg/linalg.js';

/** Uniform numbers in [-1, 1) by mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export function randomMatrix<T extends FloatArray>(like: T, rows: number, columns: number, seed: number): T {
  const next = uniform(seed);
  const matrix = emptyLike(like, rows * columns);
  for (let i = 0; i < matrix.length; i++) matrix[i] = next();
  return matrix;
}

/** G Gᵀ / n + damping · I, symmetric to the bit. */
export function randomSpd<T extends FloatArray>(like: T, n: number, seed: number, damping = 0.1): T {
  const g = randomMatrix(new Float64Array(), n, n, seed);
  const product = multiply(g, g, n, n, n, false, true);
  const matrix = emptyLike(like, n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const value = (product[i * n + j] as number) / n + (i === j ? damping : 0);
      matrix[i * n + j] = value;
      matrix[j * n + i] = value;
    }
  }
  return matrix;
}

/** op(a) op(b) in float64, [m, n]. */
export function multiply(
  a: FloatArray,
  b: FloatArray,
  m: number,
  k: number,
  n: number,
  transA = false,
  transB = false,
): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a[transA ? p * m + i : i * k + p] as number;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) c[i * n + j]! += factor * (b[transB ? j * k + p : p * n + j] as number);
    }
  }
  return c;
}

export function identity(n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
  return matrix;
}

/** Norm of a - b over the norm of b. */
export function relativeError(a: FloatArray, b: FloatArray): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    norm += (b[i] as number) ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}

export function belowDiagonalIsZero(u: FloatArray, n: number): boolean {
  for (let i = 1; i < n; i++) if (u.subarray(i * n, i * n + i).some((value) => value !== 0)) return false;
  return true;
}
