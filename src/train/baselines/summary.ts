/** What most features of a series are made of, computed once. */

export interface Summary {
  readonly x: Float64Array;
  /** Ascending. */
  readonly sorted: Float64Array;
  readonly sum: number;
  readonly mean: number;
  /** Of these values: divided by their number. */
  readonly variance: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** @param x at least one value. */
export function summaryOf(x: Float64Array): Summary {
  const sorted = x.slice().sort();
  let [sum, squares] = [0, 0];
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  const mean = sum / x.length;
  for (let i = 0; i < x.length; i++) squares += (x[i]! - mean) ** 2;
  return { x, sorted, sum, mean, variance: squares / x.length, minimum: sorted[0]!, maximum: sorted.at(-1)! };
}
