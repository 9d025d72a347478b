/** RIA: a weight matters by its share of its row and of its column, times a power of its input's size. */
import type { Pruner } from './pruner.js';

/**
 * Zhang, Bai, Lin, Zhao, Hou, Cannistraci, Plug-and-play: an efficient post-training pruning method for large language
 * models (ICLR 2024). Relative importance keeps whole channels from disappearing. A row or column of zeros has shares of
 * zero, where the formula leaves 0 / 0.
 */
export const ria: Pruner = {
  name: 'ria',
  kind: 'mask',
  description: 'share of its row and of its column, times a power of the norm of its input',
  paper:
    'Zhang, Bai, Lin, Zhao, Hou, Cannistraci, Plug-and-play: an efficient post-training pruning method for large language models, ICLR 2024',
  needs: ['columnNorm'],
  group: 'row',
  score({ weight: { stacks, rows, columns, data }, statistics, options: { riaAlpha = 0.5 } }) {
    // the square root of the sum of squares is the norm
    const factors = Float64Array.from(statistics.columnNorm as Float64Array, (sum) => sum ** (riaAlpha / 2));
    const scores = new Float32Array(data.length);
    for (let stack = 0; stack < stacks; stack++) {
      const start = stack * rows * columns;
      const W = data.subarray(start, start + rows * columns);
      const { rowShare, columnShare } = shares(W, rows, columns);
      for (let i = 0, at = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, at++) {
          scores[start + at] = Math.abs(W[at]) * (columnShare[j] + rowShare[i]) * factors[stack * columns + j];
        }
      }
    }
    return scores;
  },
};

/** One over the absolute sum of each row and of each column; 0 where the sum is 0. */
function shares(W: Float32Array, rows: number, columns: number): { rowShare: Float64Array; columnShare: Float64Array } {
  const rowShare = new Float64Array(rows);
  const columnShare = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      const size = Math.abs(W[at]);
      rowShare[i] += size;
      columnShare[j] += size;
    }
  }
  const reciprocal = (sum: number) => (sum === 0 ? 0 : 1 / sum);
  return { rowShare: rowShare.map(reciprocal), columnShare: columnShare.map(reciprocal) };
}
