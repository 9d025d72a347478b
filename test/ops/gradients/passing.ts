import { scalar, tensor } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const no = tensor('bool', [], Uint8Array.of(0));

export const passing: readonly Case[] = [
  ['Identity', [[2, 3]]],
  ['Cast', [[2, 3]], { attrs: { to: 11 } }],
  ['CastLike', [[2, 3]], { fixed: { 1: scalar(0, 'float64') } }],
  ['Dropout', [[2, 3]]],
  ['Dropout', [[2, 3]], { fixed: { 1: scalar(0.3) }, outputs: 2, unused: [1] }],
  ['Dropout', [[2, 3]], { fixed: { 1: null, 2: no } }],
];
