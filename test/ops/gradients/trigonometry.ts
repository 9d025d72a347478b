import type { Case } from './case.js';

const single = { dtype: 'float32' } as const;
const small = { low: -0.8, high: 0.8, ...single };

export const trigonometry: readonly Case[] = [
  ['Sin', [[2, 3]]],
  ['Cos', [[2, 3]]],
  ['Tan', [[2, 3]], { ...small }],
  ['Asin', [[2, 3]], small],
  ['Acos', [[2, 3]], small],
  ['Atan', [[2, 3]], single],
  ['Sinh', [[2, 3]], single],
  ['Cosh', [[2, 3]], single],
  ['Tanh', [[2, 3]]],
  ['Asinh', [[2, 3]], single],
  ['Acosh', [[2, 3]], { low: 1.3, high: 3, ...single }],
  ['Atanh', [[2, 3]], small],
];
