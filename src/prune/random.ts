/** Random pruning: the control that every criterion must beat. */
import { random as generator } from '../tensor/random.js';
import type { Pruner } from './pruner.js';

/** Standard normal scores, a function of seed, layer name and place in the matrix alone. */
export const random: Pruner = {
  name: 'random',
  kind: 'mask',
  description: 'seeded random scores; the control',
  paper: '',
  needs: [],
  group: 'matrix',
  score: ({ weight, seed, layer }) => generator(seed, `prune/${layer}`).normals(weight.data.length),
};
