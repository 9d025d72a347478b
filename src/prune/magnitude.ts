/** Magnitude pruning: small weights go. */
import type { Pruner } from './pruner.js';

/** Compares the whole matrix; the classic control of every pruning study. */
export const magnitude: Pruner = {
  name: 'magnitude',
  kind: 'mask',
  description: 'absolute value of the weight; needs no data',
  paper:
    'Han, Pool, Tran, Dally, Learning both weights and connections for efficient neural networks, arXiv 1506.02626',
  needs: [],
  group: 'matrix',
  score: ({ weight }) => weight.data.map(Math.abs),
};
