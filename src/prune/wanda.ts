/** Wanda: a weight matters by its size times the size of what flows into it. */
import type { Pruner } from './pruner.js';

/**
 * Sun, Liu, Bair, Kolter, A simple and effective pruning approach for large language models (arXiv 2306.11695).
 * |W| times the norm of its input column, compared within an output row. The norm is of the sum over samples where the
 * published code takes the mean: one factor for the whole layer.
 */
export const wanda: Pruner = {
  name: 'wanda',
  kind: 'mask',
  description: 'weight times norm of its input, compared within each output',
  paper: 'Sun, Liu, Bair, Kolter, A simple and effective pruning approach for large language models, arXiv 2306.11695',
  needs: ['columnNorm'],
  group: 'row',
  score({ weight: { stacks, rows, columns, data }, statistics }) {
    const norms = Float64Array.from(statistics.columnNorm as Float64Array, Math.sqrt);
    const scores = new Float32Array(data.length);
    for (let row = 0, at = 0; row < stacks * rows; row++) {
      const stack = Math.floor(row / rows) * columns;
      for (let j = 0; j < columns; j++, at++) scores[at] = Math.abs(data[at]) * norms[stack + j];
    }
    return scores;
  },
};
