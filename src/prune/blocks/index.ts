/** The catalogue of criteria for whole blocks: choices of the command line, the table in the documents and the tests are all read from it. */
import { blockInfluence } from './block-influence.js';
import type { BlockCriterion } from './criterion.js';
import { loss } from './loss.js';
import { magnitude } from './magnitude.js';
import { random } from './random.js';
import { taylor } from './taylor.js';

export const blockCriteria = {
  'block-influence': blockInfluence,
  loss,
  taylor,
  magnitude,
  random,
} satisfies Record<string, BlockCriterion>;

export type BlockCriterionName = keyof typeof blockCriteria;

export type { BlockCriterion, BlockInput, BlockStatistic } from './criterion.js';
