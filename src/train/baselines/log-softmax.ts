/** Logarithms of probabilities. */

/** The least a probability is taken for: what is thought impossible costs much and not everything. */
export const leastProbability = 2 ** -23;

/** Turns the row of `logits` at `from` into logarithms of probabilities, in place. */
export function logSoftmaxAt(logits: Float64Array, from: number, classes: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) most = Math.max(most, logits[from + c]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[from + c]! - most);
  const total = most + Math.log(sum);
  for (let c = 0; c < classes; c++) logits[from + c]! -= total;
}
