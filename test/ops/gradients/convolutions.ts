import type { Case, CaseOptions } from './case.js';

type Attributes = NonNullable<CaseOptions['attrs']>;
type Shape = readonly number[];

/** Bilinear, in float32: a step of 1 is exact but for rounding. The sizes of weights are fixed. */
const options = (attrs: Attributes, more: CaseOptions = {}): CaseOptions => ({
  dtype: 'float32',
  step: 1,
  tolerance: 1e-4,
  symbolic: [0],
  attrs,
  ...more,
});

const conv = (x: Shape, weight: Shape, attrs: Attributes = {}, more?: CaseOptions): Case => [
  'Conv',
  [x, weight],
  options(attrs, more),
];

const transpose = (x: Shape, weight: Shape, attrs: Attributes = {}, more?: CaseOptions): Case => [
  'ConvTranspose',
  [x, weight],
  options(attrs, more),
];

const biased = ([op, shapes, settings]: Case, channels: number): Case => [op, [...shapes, [channels]], settings ?? {}];

const fixedSizes: CaseOptions = { symbolic: false };

export const convolutions: readonly Case[] = [
  biased(conv([2, 3, 6, 6], [4, 3, 3, 3]), 4),
  conv([2, 3, 6, 7], [4, 3, 3, 2], { pads: [1, 0, 1, 1] }),
  conv([2, 3, 6, 6], [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv([2, 3, 7, 8], [4, 3, 3, 3], { strides: [2, 3], pads: [0, 1, 2, 1] }),
  conv([2, 3, 9, 9], [4, 3, 3, 3], { dilations: [2, 2] }),
  conv([2, 3, 9, 8], [4, 3, 3, 2], { dilations: [2, 3], pads: [2, 1, 2, 1] }),
  conv([2, 3, 9, 10], [4, 3, 3, 3], { dilations: [2, 1], strides: [2, 2], pads: [1, 1, 1, 1] }),
  biased(conv([2, 4, 6, 6], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }), 6),
  conv([2, 4, 6, 6], [6, 2, 3, 3], { group: 2, strides: [2, 2] }),
  conv([2, 4, 6, 6], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }),
  conv([2, 4, 6, 6], [8, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1], strides: [2, 1] }),
  conv([2, 4, 9, 9], [4, 1, 5, 5], { group: 4, pads: [2, 2, 2, 2] }),
  conv([2, 3, 9, 9], [6, 1, 5, 5], { group: 3, strides: [2, 2] }),
  conv([2, 3, 12, 11], [6, 1, 5, 5], { group: 3, strides: [2, 3], dilations: [2, 1], pads: [1, 2, 3, 0] }),
  conv([2, 3, 5, 5], [4, 3, 1, 1]),
  conv([2, 3, 5, 6], [4, 3, 1, 1], { strides: [2, 2] }),
  conv([2, 3, 1, 6, 7], [4, 3, 1, 3, 2], { strides: [1, 2, 3], pads: [0, 1, 0, 0, 1, 1] }),
  conv([2, 4, 5, 6], [4, 2, 1, 1], { strides: [2, 3], group: 2, pads: [1, 0, 0, 1] }),
  conv([2, 3, 5, 5], [4, 3, 3, 3], { pads: [3, 3, 3, 3] }),
  conv([1, 8, 40, 40], [2, 8, 3, 3], { pads: [1, 1, 1, 1] }),
  conv([1, 8, 40, 36], [2, 8, 5, 3], { pads: [2, 0, 1, 1] }),
  conv([1, 256, 3, 3], [2, 256, 3, 3], { pads: [1, 1, 1, 1] }),
  conv([1, 256, 4, 5], [300, 256, 2, 2], { strides: [2, 2], pads: [1, 0, 0, 0] }, fixedSizes),
  conv([1, 32, 7, 6], [3, 32, 3, 2], { strides: [2, 1], dilations: [2, 1], pads: [1, 1, 0, 0] }),
  conv([1, 32, 3, 3, 4], [3, 32, 2, 2, 3], { pads: [1, 0, 0, 0, 1, 1] }),
  conv([1, 2, 12, 11], [3, 2, 5, 5], { dilations: [1, 2], pads: [2, 4, 2, 4] }),
  conv([1, 2, 17, 16], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }),
  conv([2, 2, 16, 17], [3, 2, 3, 2], { dilations: [2, 3], pads: [2, 1, 2, 2] }),
  conv([2, 4, 9, 9], [8, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }),
  conv([2, 4, 9, 9], [4, 2, 2, 3], { group: 2, pads: [1, 1, 0, 1] }),
  conv([2, 2, 17, 17], [2, 2, 3, 3], { pads: [1, 0, 2, 1], dilations: [1, 2] }),
  conv([1, 3, 9, 8], [3, 3, 4, 3], { pads: [2, 1, 0, 1] }),
  conv([2, 2, 300], [3, 2, 3], { pads: [1, 1] }),
  conv([2, 24, 2, 2], [25, 24, 1, 1]),
  conv([2, 48, 3, 3], [48, 24, 1, 1], { group: 2, strides: [2, 2] }),
  conv([2, 3, 4, 5], [4, 3, 1, 1], { pads: [1, 1, 1, 1] }),
  conv([2, 3, 4, 5], [4, 3, 2, 3], { pads: [2, 1, 0, 4] }),
  conv([1, 2, 140], [2, 2, 130], { pads: [3, 0] }),
  conv([2, 3, 6, 6], [4, 3, 3, 3], { auto_pad: 'SAME_UPPER' }),
  conv([2, 3, 6, 6], [4, 3, 2, 2], { auto_pad: 'SAME_LOWER' }),
  conv([2, 3, 7, 6], [4, 3, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  conv([2, 3, 7, 6], [4, 3, 3, 3], { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  conv([2, 3, 7, 6], [4, 3, 2, 2], { auto_pad: 'SAME_LOWER', strides: [3, 2] }),
  conv([2, 3, 7, 6], [4, 3, 2, 2], { auto_pad: 'VALID', strides: [3, 2] }),
  biased(conv([2, 3, 9], [4, 3, 3], { pads: [1, 1] }), 4),
  conv([2, 3, 9], [4, 3, 3], { strides: [2], dilations: [2] }),
  conv([2, 4, 9], [4, 2, 4], { group: 2, pads: [2, 1] }),
  conv([2, 4, 9], [4, 1, 3], { group: 4, auto_pad: 'SAME_UPPER' }),
  conv([1, 8, 1100], [2, 8, 5], { pads: [2, 2], dilations: [1] }),
  conv([2, 3, 5, 5, 5], [4, 3, 3, 3, 3], { pads: [1, 1, 1, 1, 1, 1] }),
  conv([2, 4, 5, 4, 6], [4, 2, 3, 2, 2], { group: 2, strides: [2, 1, 2] }),
  conv([1, 2, 7, 4, 5], [3, 2, 3, 2, 1], { dilations: [2, 1, 1], pads: [1, 0, 0, 0, 1, 0] }),
  conv([1, 2, 4, 4, 4], [3, 2, 1, 1, 1], { strides: [2, 2, 2] }),
  biased(transpose([2, 3, 4, 4], [3, 4, 3, 3]), 4),
  transpose([2, 3, 4, 5], [3, 4, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  transpose([2, 3, 4, 5], [3, 4, 3, 3], { strides: [2, 3], output_padding: [1, 2], pads: [1, 0, 0, 1] }),
  transpose([2, 4, 4, 5], [4, 3, 3, 3], { strides: [2, 2], group: 2 }),
  transpose([2, 4, 4, 5], [4, 1, 2, 2], { strides: [2, 2], group: 4 }),
  transpose([2, 4, 4, 5], [4, 1, 5, 5], { group: 4, pads: [2, 2, 2, 2] }),
  transpose([2, 3, 4, 5], [3, 4, 3, 2], { dilations: [2, 3], pads: [1, 1, 1, 1] }),
  transpose([2, 3, 4, 5], [3, 4, 1, 1], { strides: [2, 2], output_padding: [1, 0] }),
  transpose([2, 3, 4, 4], [3, 4, 3, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  transpose([2, 3, 4, 4], [3, 4, 4, 4], { strides: [3, 3], auto_pad: 'SAME_LOWER' }),
  transpose([2, 3, 4, 4], [3, 4, 2, 2], { strides: [3, 3], auto_pad: 'SAME_UPPER' }),
  transpose([2, 3, 4, 4], [3, 4, 3, 3], { strides: [3, 2], output_shape: [10, 8] }, fixedSizes),
  transpose([2, 3, 4, 4], [3, 4, 3, 3], { strides: [3, 2], output_shape: [11, 8], auto_pad: 'SAME_UPPER' }, fixedSizes),
  transpose([2, 3, 4, 4], [3, 4, 3, 3], { strides: [3, 2], output_shape: [11, 8], auto_pad: 'SAME_LOWER' }, fixedSizes),
  transpose([2, 3, 4, 4], [3, 4, 3, 3], { strides: [3, 2], output_shape: [13, 10] }, fixedSizes),
  transpose([2, 3, 5], [3, 4, 3], { strides: [2], pads: [1, 0], output_padding: [1] }),
  transpose([2, 4, 5], [4, 2, 4], { strides: [2], dilations: [2], group: 2 }),
  transpose([1, 3, 3, 4, 3], [3, 2, 3, 2, 2], { strides: [2, 1, 2], pads: [1, 0, 0, 1, 1, 0] }),
];
