/** The one kind of product that blocked algorithms are made of, and its plain form for those too small to be worth a run. */

import { emptyLike } from './diagonal.js';
import type { FloatArray, ProductShape } from './linalg.js';

/** left · (c + sign · op(a) op(b)), where `c` and `left` may be absent. */
export interface Product<T extends FloatArray> extends ProductShape {
  readonly a: T;
  readonly b: T;
  /** [m, n]. */
  readonly c?: T;
  readonly sign?: 1 | -1;
  /** [m, m]. */
  readonly left?: T;
}

/** Computes a product into a new array. */
export type Engine = <T extends FloatArray>(product: Product<T>) => Promise<T>;

/** The product by plain loops, in float64 but for the rounding of each result. */
export function plainProduct<T extends FloatArray>(product: Product<T>): T {
  const { a, b, c, m, k, n, transA = false, transB = false, sign = 1, left } = product;
  const result = c ? (c.slice() as T) : emptyLike(a, m * n);
  const [rowStep, innerStep] = transA ? [1, m] : [k, 1];
  const [bInnerStep, columnStep] = transB ? [1, k] : [n, 1];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += (a[i * rowStep + p * innerStep] as number) * (b[p * bInnerStep + j * columnStep] as number);
      }
      result[i * n + j]! += sign * sum;
    }
  }
  return left ? plainProduct({ a: left, b: result, m, k: m, n }) : result;
}
