/** Random scores of units. */
import { random as randomNumbers } from '../../tensor/random.js';
import type { UnitCriterion } from './criterion.js';

/** Seeded random scores: the control. */
export const random: UnitCriterion = {
  name: 'random',
  description: 'seeded random scores; the control',
  paper: '',
  needs: [],
  across: 'as they are',
  isGlobal: false,
  compensates: false,
  score: ({ name, count, seed }) => Float64Array.from(randomNumbers(seed, `units of ${name}`).uniforms(count)),
};
