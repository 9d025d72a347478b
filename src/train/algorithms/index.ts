/** Algorithms, by the name they are asked for with. */
import type { OptionSpecs } from '../../settings/index.js';
import type { Algorithm } from '../algorithm.js';
import { fixMatch } from './fixmatch.js';
import { fullyLabelled } from './fully-labelled.js';
import { ladder } from './ladder.js';
import { meanTeacher } from './mean-teacher.js';
import { mixMatch } from './mixmatch.js';
import { piModel } from './pi-model.js';
import { pseudoLabel } from './pseudo-label.js';
import { selfSupervised } from './self-supervised.js';
import { supervised } from './supervised.js';
import { vat } from './vat.js';

export const algorithms = {
  supervised,
  'fully-labelled': fullyLabelled,
  'pseudo-label': pseudoLabel,
  'pi-model': piModel,
  'mean-teacher': meanTeacher,
  vat,
  mixmatch: mixMatch,
  fixmatch: fixMatch,
  ladder,
  'self-supervised': selfSupervised,
};

export type AlgorithmName = keyof typeof algorithms;

/** One of the catalogue, whose options are told at run time. */
export const algorithmNamed = (name: AlgorithmName): Algorithm<OptionSpecs> =>
  algorithms[name] as unknown as Algorithm<OptionSpecs>;
