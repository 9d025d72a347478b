import { int64 } from '../../../src/tensor/tensor.js';
import type { Case, CaseOptions } from './case.js';

type Attributes = NonNullable<CaseOptions['attrs']>;
type Shape = readonly number[];

const float = (value: number) => ({ kind: 'float' as const, value });

const max = (x: Shape, attrs: Attributes, more: CaseOptions = {}): Case => ['MaxPool', [x], { attrs, ...more }];

/** Compared in float32, where windows that lie side by side take another form: a small step, as maxima must not change. */
const tiled = (x: Shape, attrs: Attributes): Case => [
  'MaxPool',
  [x],
  { attrs, dtype: 'float32', step: 1e-4, tolerance: 1e-2, low: -1, high: 1 },
];

/** Linear: a step of 1 is exact. */
const average = (x: Shape, attrs: Attributes, more: CaseOptions = {}): Case => [
  'AveragePool',
  [x],
  { dtype: 'float32', step: 1, tolerance: 1e-5, attrs, ...more },
];

const lp = (x: Shape, attrs: Attributes, more: CaseOptions = {}): Case => [
  'LpPool',
  [x],
  { dtype: 'float32', low: 0.5, high: 2, attrs, ...more },
];

export const pooling: readonly Case[] = [
  max([2, 2, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  max([2, 2, 6, 6], { kernel_shape: [3, 3] }),
  max([2, 2, 7, 6], { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] }),
  max([2, 2, 7, 8], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  max([2, 2, 9, 9], { kernel_shape: [3, 2], dilations: [2, 3] }),
  max([2, 2, 7, 7], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  max([2, 2, 7, 7], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_LOWER' }),
  max([2, 2, 6, 6], { kernel_shape: [3, 3], strides: [2, 2] }, { outputs: 2, unused: [1] }),
  max([2, 2, 6, 6], { kernel_shape: [3, 3], storage_order: 1 }, { outputs: 2, unused: [1] }),
  max([2, 3, 9], { kernel_shape: [3], strides: [2], pads: [1, 1] }),
  max([2, 3, 9], { kernel_shape: [3], pads: [1, 1] }),
  max([2, 3, 9], { kernel_shape: [2], pads: [0, 1], dilations: [2] }),
  max([2, 2, 4, 7], { kernel_shape: [1, 5], pads: [0, 3, 0, 2] }),
  max([2, 2, 5, 4], { kernel_shape: [4, 1], auto_pad: 'SAME_LOWER' }),
  max([1, 2, 5, 4, 6], { kernel_shape: [2, 2, 3], strides: [2, 1, 2] }),
  tiled([2, 2, 4, 6], { kernel_shape: [2, 3], strides: [2, 3] }),
  tiled([2, 2, 8], { kernel_shape: [4], strides: [4] }),
  tiled([1, 2, 4, 4, 6], { kernel_shape: [2, 1, 3], strides: [2, 1, 3] }),
  tiled([2, 2, 5, 5], { kernel_shape: [2, 2], strides: [2, 2] }),
  average([2, 2, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  average([2, 2, 7, 7], { kernel_shape: [2, 2], strides: [2, 2] }),
  average([2, 2, 6, 6], { kernel_shape: [3, 3] }),
  average([2, 2, 6, 6], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  average([2, 2, 6, 6], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }),
  average([2, 2, 7, 8], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1] }),
  average([2, 2, 7, 8], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1], count_include_pad: 1 }),
  average([2, 2, 6, 8], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  average([2, 2, 6, 8], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [1, 1, 1, 1] }),
  average([2, 2, 6, 8], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    ceil_mode: 1,
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  average([2, 2, 9, 9], { kernel_shape: [3, 3], dilations: [2, 2], pads: [1, 1, 1, 1] }),
  average([2, 2, 9, 9], { kernel_shape: [3, 3], dilations: [2, 2], strides: [2, 1] }),
  average([2, 2, 6, 6], { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER' }),
  average([2, 2, 7, 7], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }, { symbolic: false }),
  average([2, 3, 9], { kernel_shape: [3], strides: [2], pads: [1, 1] }),
  average([1, 2, 5, 4, 6], { kernel_shape: [2, 2, 3], strides: [2, 1, 2] }),
  lp([2, 2, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  lp([2, 2, 6, 6], { kernel_shape: [3, 3], p: 1 }),
  lp([2, 2, 6, 6], { kernel_shape: [3, 3], p: 3, strides: [2, 2] }),
  lp([2, 2, 6, 6], { kernel_shape: [3, 3], p: 4, pads: [1, 1, 1, 1] }, { low: -2, high: -0.5 }),
  lp([2, 2, 9, 9], { kernel_shape: [3, 3], p: 2, dilations: [2, 2] }),
  lp([2, 2, 9], { kernel_shape: [3], p: 5, strides: [2], ceil_mode: 1 }),
  ['GlobalAveragePool', [[2, 3, 4, 5]], { dtype: 'float32', step: 1, tolerance: 1e-5 }],
  ['GlobalAveragePool', [[2, 3, 4]], { dtype: 'float32', step: 1, tolerance: 1e-5 }],
  ['GlobalMaxPool', [[2, 3, 4, 5]], { dtype: 'float32', step: 1e-3 }],
  ['GlobalLpPool', [[2, 3, 4, 5]], { dtype: 'float32' }],
  ['GlobalLpPool', [[2, 3, 4]], { dtype: 'float32', attrs: { p: 1 }, low: 0.5 }],
  ['GlobalLpPool', [[2, 3, 4]], { dtype: 'float32', attrs: { p: 3 }, low: 0.5 }],
  [
    'MaxUnpool',
    [[1, 1, 2, 2]],
    {
      dtype: 'float32',
      step: 1,
      tolerance: 1e-5,
      attrs: { kernel_shape: [2, 2], strides: [2, 2] },
      fixed: { 1: int64([1, 1, 2, 2], [1, 6, 8, 15]) },
    },
  ],
  [
    'LRN',
    [[2, 5, 3, 3]],
    { dtype: 'float32', attrs: { size: 3, alpha: float(0.5), beta: float(0.6), bias: float(1.5) } },
  ],
  ['LRN', [[2, 6, 2, 1]], { dtype: 'float32', attrs: { size: 5, alpha: float(0.3) } }],
];
