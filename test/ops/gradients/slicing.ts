import { int64, scalar, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const ints = (...values: number[]): Tensor => int64([values.length], values);
const int32s = (...values: number[]): Tensor => tensor('int32', [values.length], Int32Array.from(values));
const most = 2n ** 63n - 1n;
const far = (value: bigint): Tensor => int64([1], [value]);

/** Inputs 1 to 4 of Slice. */
const by = (starts: Tensor, ends: Tensor, axes?: Tensor, steps?: Tensor) => ({
  fixed: { 1: starts, 2: ends, ...(axes ? { 3: axes } : steps ? { 3: null } : {}), ...(steps ? { 4: steps } : {}) },
});

const slices: readonly Case[] = [
  ['Slice', [[5, 6]], by(ints(1), ints(4))],
  ['Slice', [[5, 6]], by(ints(0, -4), ints(3, -1), ints(0, 1))],
  ['Slice', [[5, 6]], by(ints(2), far(most), ints(-1))],
  ['Slice', [[5, 6]], by(ints(-100), ints(100), ints(1))],
  ['Slice', [[5, 6]], by(far(-most), far(most), ints(1))],
  ['Slice', [[5, 6]], by(int32s(1, 2), int32s(4, 5), int32s(1, 0))],
  ['Slice', [[5, 6]], { ...by(ints(-4, 1), ints(3, 100), ints(1, 0)), computed: [1, 2] }],
  ['Slice', [[5, 6]], { ...by(ints(-4, 1), ints(3, 4), ints(1, 0)), computed: [1, 2, 3], symbolic: true }],
  ['Slice', [[5, 6]], by(ints(0), ints(6), ints(1), ints(2))],
  ['Slice', [[5, 7]], by(ints(1), ints(100), ints(1), ints(3))],
  ['Slice', [[5, 6]], by(ints(-1), far(-most), ints(1), ints(-1))],
  ['Slice', [[5, 7]], by(ints(100, 3), ints(1, 0), ints(1, 0), ints(-2, -1))],
  ['Slice', [[5, 7]], { ...by(ints(-2, 1), ints(-100, 5), ints(1, 0), ints(-3, 2)), computed: [1, 2] }],
  ['Slice', [[5, 7]], by(ints(4, 0), ints(0, 7), undefined, ints(-2, 2))],
  ['Slice', [[2, 5, 9]], by(ints(-1, 1, 0), ints(-9, 5, 2), ints(2, 1, 0), ints(-3, 2, 1))],
  ['Slice', [[9]], by(ints(1), ints(9), ints(0), ints(2))],
  ['Slice', [[3, 300]], by(ints(1), ints(300), ints(1), ints(2))],
  ['Slice', [[5, 7]], { ...by(ints(-2, 1), ints(-100, 5), ints(1, 0), ints(-3, 2)), computed: [1, 2, 3, 4] }],
];

/** Inputs 1 to 3 of Pad. */
const pads = (mode: string, values: Tensor, value?: Tensor, axes?: Tensor) => ({
  attrs: { mode },
  fixed: { 1: values, ...(value ? { 2: value } : axes ? { 2: null } : {}), ...(axes ? { 3: axes } : {}) },
});

const paddings: readonly Case[] = [
  ['Pad', [[3, 4]], pads('constant', ints(1, 0, 2, 3))],
  ['Pad', [[3, 4]], pads('constant', ints(-1, 2, 2, -1), scalar(1.5, 'float64'))],
  ['Pad', [[3, 4], []], { attrs: { mode: 'constant' }, fixed: { 1: ints(-1, 2, 2, -1) } }],
  ['Pad', [[3, 4], [1]], { attrs: { mode: 'constant' }, fixed: { 1: ints(1, 2), 3: ints(1) }, symbolic: false }],
  ['Pad', [[3, 4]], pads('constant', ints(1, 2), undefined, ints(-1))],
  ['Pad', [[3, 4]], { ...pads('constant', ints(1, 2, 0, 1)), computed: [1] }],
  ['Pad', [[3, 4]], { ...pads('constant', ints(1, 2), undefined, ints(1)), computed: [1, 3] }],
  ['Pad', [[3, 4]], pads('reflect', ints(1, 2, 2, 3))],
  ['Pad', [[3, 4]], pads('reflect', ints(2, 1), undefined, ints(1))],
  ['Pad', [[3, 5]], { ...pads('reflect', ints(0, 2, 0, 3)), computed: [1] }],
  ['Pad', [[2, 4]], pads('edge', ints(1, 2, 3, 5))],
  ['Pad', [[2, 3, 4]], { ...pads('edge', ints(0, 1, 0, 2), undefined, ints(1, 2)), computed: [1, 3] }],
  ['Pad', [[3, 4]], pads('wrap', ints(1, 2, 3, 4))],
  ['Pad', [[3, 4]], pads('edge', ints(-1, 1, 1, -2))],
  ['Pad', [[3, 1]], pads('edge', ints(0, 2, 1, 1))],
  ['Pad', [[6, 8]], pads('reflect', ints(2, 0, 1, 3))],
  ['Pad', [[2, 3, 7]], pads('wrap', ints(2, 3), undefined, ints(-1))],
  ['Pad', [[2, 5]], pads('edge', ints(0, 3, 0, -1))],
  ['Pad', [[2, 200]], pads('reflect', ints(1, 3, 0, 2))],
  ['Pad', [[2, 4, 2]], pads('edge', ints(2, 1), undefined, ints(1))],
];

export const slicing: readonly Case[] = [...slices, ...paddings];
