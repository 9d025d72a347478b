/** The catalogue of criteria for units: choices of the command line, the table in the documents and the tests are all read from it. */
import { batchnormScale } from './batchnorm-scale.js';
import type { UnitCriterion } from './criterion.js';
import { flapIfv, flapWifn, flapWifv } from './flap.js';
import { magnitude } from './magnitude.js';
import { random } from './random.js';
import { taylor } from './taylor.js';
import { wandaSp } from './wanda-sp.js';

export const unitCriteria = {
  magnitude,
  random,
  'wanda-sp': wandaSp,
  'flap-ifv': flapIfv,
  'flap-wifv': flapWifv,
  'flap-wifn': flapWifn,
  taylor,
  'batchnorm-scale': batchnormScale,
} satisfies Record<string, UnitCriterion>;

export type UnitCriterionName = keyof typeof unitCriteria;

export type { ColumnStatistics, SlopeSums, UnitCriterion, UnitInput, UnitStatistic } from './criterion.js';
