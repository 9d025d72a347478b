/** Textbook linear algebra for small matrices: what the runtime's must agree with, and quick enough for unit tests. */
import { type FloatArray, NotPositiveDefinite } from '../../src/linalg/linalg.js';
import type { Products } from '../../src/prune/index.js';

export const plainLinalg: Products = {
  async matmul<T extends FloatArray>(a: T, b: T, { m, k, n }: { m: number; k: number; n: number }): Promise<T> {
    const c = a.constructor === Float32Array ? new Float32Array(m * n) : new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) c[i * n + j] += a[i * k + p]! * b[p * n + j]!;
    }
    return c as T;
  },
  async inverseFactor<T extends FloatArray>(a: T, n: number): Promise<T> {
    return cholesky(inverse(Float64Array.from(a), n), n) as T;
  },
};

/** Upper U with a = Uᵀ U. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const u = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < i; k++) sum -= u[k * n + i]! * u[k * n + j]!;
      if (i === j && !(sum > 1e-13)) throw new NotPositiveDefinite(i, sum);
      u[i * n + j] = i === j ? Math.sqrt(sum) : sum / u[i * n + i]!;
    }
  }
  return u;
}

/** Of a positive definite matrix, by solving for each unit vector. */
export function inverse(a: Float64Array, n: number): Float64Array {
  const u = cholesky(a, n);
  const result = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    const x = solveWith(
      u,
      n,
      Float64Array.from({ length: n }, (_, i) => (i === column ? 1 : 0)),
    );
    for (let i = 0; i < n; i++) result[i * n + column] = x[i]!;
  }
  return result;
}

/** x with a x = b. */
export const solve = (a: Float64Array, n: number, b: Float64Array): Float64Array => solveWith(cholesky(a, n), n, b);

function solveWith(u: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= u[k * n + i]! * x[k]!;
    x[i]! /= u[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= u[i * n + k]! * x[k]!;
    x[i]! /= u[i * n + i]!;
  }
  return x;
}
