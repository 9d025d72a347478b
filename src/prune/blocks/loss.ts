/** By how much the loss rises without a block, measured. */
import type { BlockCriterion } from './criterion.js';

/**
 * The loss with one block out, less that of the whole model, measured for each block: Kim, Kim, Kim, Castells, Choi, Shin, Song, Shortened
 * LLaMA: depth pruning for large language models with comparison of retraining methods (arXiv 2402.02834), there as perplexity.
 */
export const loss: BlockCriterion = {
  name: 'loss',
  description: 'by how much the loss rises without the block, measured for each; needs labels or text',
  paper:
    'Kim, Kim, Kim, Castells, Choi, Shin, Song, Shortened LLaMA: depth pruning for large language models with comparison of retraining methods, arXiv 2402.02834',
  needs: ['rises'],
  score: ({ rises }) => rises,
};
