/** Algorithms, by the name they are asked for with. */
import { fixMatch } from './fixmatch.js';
import { meanTeacher } from './mean-teacher.js';
import { mixMatch } from './mixmatch.js';
import { piModel } from './pi-model.js';
import { pseudoLabel } from './pseudo-label.js';
import { supervised } from './supervised.js';
import { vat } from './vat.js';

export const algorithms = {
  supervised,
  'pseudo-label': pseudoLabel,
  'pi-model': piModel,
  'mean-teacher': meanTeacher,
  vat,
  mixmatch: mixMatch,
  fixmatch: fixMatch,
};

export type AlgorithmName = keyof typeof algorithms;
