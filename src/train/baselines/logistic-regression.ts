/** Logistic regression on the thirty features of each channel. */
import { baseline } from './baseline.js';
import { featureCount, featuresOf } from './features.js';
import { lbfgs, type SmoothFunction } from './lbfgs.js';
import { leastProbability, logSoftmaxAt } from './log-softmax.js';
import { standardisationOf, standardised } from './standardise.js';

/**
 * Multinomial, on features of mean 0 and variance 1; by default without penalty and with at most 1,000 steps, as in the published
 * comparison. Classes without labels are no part of it and keep the least probability.
 */
export const logisticRegression = baseline({
  name: 'logistic-regression',
  description: 'multinomial logistic regression on thirty features of each channel',
  paper: 'Cox, The regression analysis of binary sequences (1958)',
  usesUnlabelled: false,
  options: {
    penalty: { default: 0, about: 'half of it times the squared weights is added to the mean loss', from: 0 },
    steps: { default: 1000, about: 'steps of L-BFGS at most', from: 1, whole: true },
    tolerance: { default: 1e-4, about: 'largest element of the gradient at the end', from: 0 },
  },
  async fit({ labelled, classes, signal }, { penalty, steps, tolerance }) {
    const columns = featureCount(labelled.channels);
    const table = featuresOf(labelled);
    const scaling = standardisationOf(table, columns);
    const present = Array.from(new Set(labelled.labels)).sort((a, b) => a - b);
    const labels = labelled.labels.map((label) => present.indexOf(label));
    const loss = logisticLoss(standardised(table, scaling), labels, columns, present.length, penalty);
    const start = new Float64Array((columns + 1) * present.length);
    const { point: weights } = await lbfgs(loss, start, { steps, tolerance, signal });
    return {
      async scores(series) {
        const logits = logitsOf(standardised(featuresOf(series), scaling), weights, columns, present.length);
        const scores = new Float32Array(series.count * classes).fill(Math.log(leastProbability));
        for (let row = 0; row < series.count; row++) {
          logSoftmaxAt(logits, row * present.length, present.length);
          for (const [k, c] of present.entries()) scores[row * classes + c] = logits[row * present.length + k]!;
        }
        return scores;
      },
    };
  },
});

/** Mean cross-entropy of weights, [columns + 1, classes], the last row being what is added to the logits. */
export function logisticLoss(
  table: Float64Array,
  labels: Int32Array,
  columns: number,
  classes: number,
  penalty: number,
): SmoothFunction {
  const rows = labels.length;
  return (weights, gradient) => {
    const errors = logitsOf(table, weights, columns, classes);
    let value = 0;
    for (let row = 0; row < rows; row++) {
      logSoftmaxAt(errors, row * classes, classes);
      value -= errors[row * classes + labels[row]!]! / rows;
      for (let c = 0; c < classes; c++) {
        errors[row * classes + c] = (Math.exp(errors[row * classes + c]!) - Number(c === labels[row])) / rows;
      }
    }
    gradient.fill(0);
    for (let row = 0, from = 0; row < rows; row++, from += classes) {
      for (let k = 0, to = 0; k <= columns; k++, to += classes) {
        const x = k < columns ? table[row * columns + k]! : 1;
        for (let c = 0; c < classes; c++) gradient[to + c]! += x * errors[from + c]!;
      }
    }
    for (let at = 0; at < columns * classes; at++) {
      value += (penalty / 2) * weights[at]! ** 2;
      gradient[at]! += penalty * weights[at]!;
    }
    return value;
  };
}

/** [rows, classes] */
function logitsOf(table: Float64Array, weights: Float64Array, columns: number, classes: number): Float64Array {
  const rows = table.length / columns;
  const logits = new Float64Array(rows * classes);
  for (let row = 0, to = 0; row < rows; row++, to += classes) {
    for (let k = 0, from = 0; k <= columns; k++, from += classes) {
      const x = k < columns ? table[row * columns + k]! : 1;
      for (let c = 0; c < classes; c++) logits[to + c]! += x * weights[from + c]!;
    }
  }
  return logits;
}
