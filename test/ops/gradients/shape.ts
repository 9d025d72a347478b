import { int64 } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const second = (...values: number[]) => ({ fixed: { 1: int64([values.length], values) } });

export const shape: readonly Case[] = [
  ['Reshape', [[2, 6]], second(3, -1)],
  ['Reshape', [[2, 6]], second(0, 3, 2)],
  ['Squeeze', [[2, 1, 3]], second(1)],
  ['Unsqueeze', [[2, 3]], second(0, -1)],
  ['Flatten', [[2, 3, 4]], { attrs: { axis: 2 } }],
];
