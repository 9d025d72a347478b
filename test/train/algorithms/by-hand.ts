/** What losses are made of, in float64. */
import type { Observed, Rows } from './observed.js';

export const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

export const mean = (values: readonly number[]): number => sum(values) / values.length;

export function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  return powers.map((power) => power / sum(powers));
}

/** -sum q log softmax(logits). */
export function crossEntropy(logits: readonly number[], q: readonly number[]): number {
  const most = Math.max(...logits);
  const logSum = most + Math.log(sum(logits.map((value) => Math.exp(value - most))));
  return sum(q.map((share, c) => share * (logSum - logits[c]!)));
}

/** Of each row. */
export const crossEntropies = (logits: Rows, q: Rows): number[] => logits.map((row, i) => crossEntropy(row, q[i]!));

/** sum p log (p / softmax(logits)). */
export const divergence = (p: readonly number[], logits: readonly number[]): number =>
  crossEntropy(logits, p) + sum(p.map((share) => (share > 0 ? share * Math.log(share) : 0)));

/** Mean over rows and classes. */
export const squaredDistance = (p: Rows, q: Rows): number =>
  mean(p.flatMap((row, i) => row.map((share, c) => (share - q[i]![c]!) ** 2)));

export const hot = (at: number, classes: number): number[] =>
  Array.from({ length: classes }, (_, c) => (c === at ? 1 : 0));

/** One-hot where the row is largest. */
export const largest = (row: readonly number[]): number[] => hot(row.indexOf(Math.max(...row)), row.length);

export const inRowsOf = (values: readonly number[], width: number): Rows =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));

export const norm = (values: readonly number[]): number => Math.hypot(...values);

/** Each row with that of the order, by the share. */
export const mixture = (rows: Rows, fed: Observed['fed']): Rows => {
  const [share] = fed['mixing share']!;
  const order = fed['mixing order']!;
  return rows.map((row, i) => row.map((each, c) => share! * each + (1 - share!) * rows[order[i]!]![c]!));
};
