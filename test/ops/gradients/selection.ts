import { scalar, tensor } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';
import { binaries } from './pairs.js';

const bools = (shape: readonly number[], ...values: number[]) => tensor('bool', shape, Uint8Array.from(values));

export const selection: readonly Case[] = [
  ...binaries('Max'),
  ...binaries('Min'),
  ['Max', [[2, 3]]],
  ['Max', [[2, 3], [3], [4, 1, 1]]],
  ['Min', [[2, 3], [], [2, 1]]],
  ['Clip', [[3, 4]]],
  ['Clip', [[3, 4]], { fixed: { 1: scalar(-1, 'float64'), 2: scalar(1, 'float64') } }],
  ['Clip', [[3, 4]], { fixed: { 1: null, 2: scalar(1, 'float64') } }],
  ['Clip', [[3, 4]], { fixed: { 1: scalar(-1, 'float64') } }],
  ['Clip', [[3, 4], []], { fixed: { 2: scalar(2, 'float64') } }],
  ['Clip', [[3, 4], [], []]],
  ['Clip', [[], []]],
  [
    'Where',
    [
      [2, 3],
      [2, 3],
    ],
    { fixed: { 0: bools([2, 3], 1, 0, 0, 1, 1, 0) } },
  ],
  ['Where', [[3], [2, 1]], { fixed: { 0: bools([2, 3], 1, 0, 0, 1, 1, 0) } }],
  ['Where', [[2, 3], []], { fixed: { 0: bools([2, 1], 1, 0) } }],
  ['Where', [[], [3]], { fixed: { 0: bools([4, 1, 1], 1, 0, 0, 1) } }],
];
