import { int64 } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const scalar = (value: number) => int64([], [value]);
const along = (axis: number) => ({ 1: null, 2: scalar(axis) });
const over = (length: number, axis: number) => ({ 1: scalar(length), 2: scalar(axis) });

export const fourier: readonly Case[] = [
  ['DFT', [[2, 6, 2]], { fixed: along(1) }],
  ['DFT', [[2, 6, 1]]],
  ['DFT', [[2, 5, 3, 1]], { fixed: along(-3), attrs: { onesided: 1 } }],
  ['DFT', [[2, 6, 1]], { fixed: along(1), attrs: { onesided: 1 } }],
  ['DFT', [[2, 6, 2]], { fixed: along(-2), attrs: { inverse: 1 } }],
  ['DFT', [[2, 6, 1]], { fixed: over(8, 1), attrs: { onesided: 1 } }],
  ['DFT', [[2, 6, 2]], { fixed: over(4, 1) }],
  ['DFT', [[2, 6, 2]], { fixed: over(8, 1), attrs: { inverse: 1 } }],
  ['DFT', [[2, 6, 2]], { fixed: along(1), attrs: { inverse: 1, onesided: 1 } }],
  ['DFT', [[2, 5, 2]], { fixed: over(9, 1), attrs: { inverse: 1, onesided: 1 } }],
];
