/** The factor that makes logits of scores: what is surer than it is right is brought nearer to the others, and the reverse. */
import { logSoftmaxAt } from './log-softmax.js';

const [least, most] = [1e-2, 1e2];

/**
 * Guo, Pleiss, Sun, Weinberger, On calibration of modern neural networks (arXiv 1706.04599), as a factor: the least mean cross-entropy of
 * `labels`, between 0.01 and 100.
 * @param scores [labels, classes], of samples that the scores were not fitted to.
 */
export function inverseTemperature(scores: Float64Array, labels: Int32Array, classes: number): number {
  // the loss is convex in the factor: its slope changes sign once
  const slopeAt = (factor: number): number => {
    const logits = scores.map((score) => factor * score);
    let slope = 0;
    for (let row = 0, from = 0; row < labels.length; row++, from += classes) {
      logSoftmaxAt(logits, from, classes);
      for (let c = 0; c < classes; c++) {
        slope += (Math.exp(logits[from + c]!) - Number(c === labels[row])) * scores[from + c]!;
      }
    }
    return slope;
  };
  let [low, high] = [Math.log(least), Math.log(most)];
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (slopeAt(Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
