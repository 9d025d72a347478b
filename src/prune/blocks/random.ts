/** Random scores of blocks. */
import { random as randomNumbers } from '../../tensor/random.js';
import type { BlockCriterion } from './criterion.js';

/** Seeded random scores: the control. */
export const random: BlockCriterion = {
  name: 'random',
  description: 'seeded random scores; the control',
  paper: '',
  needs: [],
  score: ({ names, seed }) => Float64Array.from(names, (name) => randomNumbers(seed, `block ${name}`).uniform(0)),
};
