import { int64, scalar, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { Case, CaseOptions } from './case.js';
import { binaries } from './pairs.js';

const away = { low: 0.5, high: 2 };

/** Powers with that exponent, of bases of both signs unless they have to be positive. */
const power = (exponent: Tensor, options: CaseOptions = {}): Case => [
  'Pow',
  [[2, 3]],
  { ...options, fixed: { 1: exponent } },
];

export const arithmetic: readonly Case[] = [
  ...binaries('Add'),
  ...binaries('Sub'),
  ...binaries('Mul'),
  ...binaries('Div', away),
  ['Neg', [[2, 3]]],
  ...binaries('Pow', away),
  ...[0, 1, 2, 3, 4, -1, -2].map((exponent) => power(scalar(exponent, 'float64'))),
  ...[0.5, -0.5, 0.3, 2.5].map((exponent) => power(scalar(exponent, 'float64'), away)),
  power(int64([3], [2, 3, -2])),
  power(tensor('float64', [2, 1], Float64Array.of(-3, 2))),
  power(tensor('float32', [1], Float32Array.of(3))),
  power(scalar(2, 'float64'), { computed: [1] }),
  ['Pow', [[2, 3]], { fixed: { 0: scalar(3, 'float64') } }],
  ...binaries('Mod', { low: 0.7, high: 2.2, attrs: { fmod: 1 } }),
  ['Sum', [[2, 3]]],
  ['Sum', [[2, 3], [3], [4, 1, 1]]],
  ['Mean', [[2, 3]], { dtype: 'float32', step: 1 }],
  ['Mean', [[2, 3], [3], [4, 1, 1]], { dtype: 'float32', step: 1 }],
  ['Abs', [[2, 3]]],
  ['Abs', [[2, 3]], { dtype: 'float32' }],
  ['Sqrt', [[2, 3]], away],
  ['Sqrt', [[2, 3]], { ...away, dtype: 'float32' }],
  ['Reciprocal', [[2, 3]], away],
  ['Exp', [[2, 3]]],
  ['Log', [[2, 3]], away],
  ['Erf', [[2, 3]], { dtype: 'float32' }],
  ...[1, 2, 3, 4].map((n): Case => ['Det', [[2, n, n]], { dtype: 'float32', low: -1, high: 1, symbolic: n > 1 }]),
  ['Det', [[3, 3]], { dtype: 'float32', low: -1, high: 1 }],
];
