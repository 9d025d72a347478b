/** By how much the loss would change without a block, to first order. */
import type { BlockCriterion } from './criterion.js';

/**
 * As for units: the change of the loss if a gate before what the block adds were closed, to first order, squared, in the mean over batches
 * (Molchanov, Mallya, Tyree, Frosio, Kautz, arXiv 1906.10771).
 */
export const taylor: BlockCriterion = {
  name: 'taylor',
  description: 'squared first-order change of the loss without the block; needs labels or text',
  paper: 'Molchanov, Mallya, Tyree, Frosio, Kautz, Importance estimation for neural network pruning, arXiv 1906.10771',
  needs: ['slopes'],
  score: ({ names, slopes }) =>
    Float64Array.from(names, (_, block) => slopes.reduce((sum, each) => sum + each[block]! ** 2, 0) / slopes.length),
};
