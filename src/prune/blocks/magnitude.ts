/** The norm of all weights of a block. */
import type { BlockCriterion } from './criterion.js';

/** Without data; Kim et al. (arXiv 2402.02834) compare with it, as a sum of absolute values. */
export const magnitude: BlockCriterion = {
  name: 'magnitude',
  description: 'norm of all weights that go with the block; needs no data',
  paper:
    'Kim, Kim, Kim, Castells, Choi, Shin, Song, Shortened LLaMA: depth pruning for large language models with comparison of retraining methods, arXiv 2402.02834',
  needs: [],
  score: ({ norms }) => norms,
};
