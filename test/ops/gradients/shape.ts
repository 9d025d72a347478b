import { int64, scalar as limit, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const ints = (...values: number[]): Tensor => int64([values.length], values);
const second = (...values: number[]) => ({ fixed: { 1: ints(...values) } });
const computed = (...values: number[]) => ({ ...second(...values), computed: [1] });
const scalar = (value: number): Tensor => int64([], [value]);

export const shape: readonly Case[] = [
  ['Reshape', [[2, 6]], second(3, -1)],
  ['Reshape', [[2, 6]], second(0, 3, 2)],
  ['Squeeze', [[2, 1, 3]], second(1)],
  ['Unsqueeze', [[2, 3]], second(0, -1)],
  ['Flatten', [[2, 3, 4]], { attrs: { axis: 2 } }],

  ['Transpose', [[2, 3, 4]]],
  ['Transpose', [[2, 3, 4]], { attrs: { perm: [1, 2, 0] } }],
  ['Transpose', [[2, 3, 4, 2]], { attrs: { perm: [3, 0, 1, 2] } }],

  [
    'Concat',
    [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    { attrs: { axis: 1 } },
  ],
  [
    'Concat',
    [
      [2, 3],
      [1, 3],
    ],
    { attrs: { axis: -2 } },
  ],
  ['Concat', [[2, 3]], { attrs: { axis: 0 } }],
  [
    'Concat',
    [
      [2, 0],
      [2, 3],
    ],
    { attrs: { axis: 1 } },
  ],

  ['Concat', [[2, 3]], { attrs: { axis: -1 }, fixed: { 0: tensor('float64', [2, 2], Float64Array.of(1, 2, 3, 4)) } }],

  ['Split', [[2, 7]], { attrs: { axis: 1 }, ...second(3, 1, 3), outputs: 3 }],
  ['Split', [[2, 7]], { attrs: { axis: -1 }, ...computed(3, 1, 3), outputs: 3, unused: [1] }],
  ['Split', [[7, 2]], { attrs: { num_outputs: 3 }, outputs: 3 }],
  ['Split', [[6, 2]], { attrs: { num_outputs: 2 }, outputs: 2, unused: [0] }],

  ['Expand', [[3, 1]], second(2, 1, 4)],
  ['Expand', [[3, 1]], second(1)],
  ['Expand', [[2, 1, 3]], computed(2, 4, 1)],
  ['Expand', [[]], second(2, 3)],

  ['Tile', [[2, 3]], second(2, 1)],
  ['Tile', [[2, 3]], second(1, 1)],
  ['Tile', [[2, 1, 3]], second(3, 2, 2)],
  ['Tile', [[2, 3]], computed(1, 4)],

  ['DepthToSpace', [[2, 8, 2, 3]], { attrs: { blocksize: 2 } }],
  ['DepthToSpace', [[2, 8, 2, 3]], { attrs: { blocksize: 2, mode: 'CRD' } }],
  ['DepthToSpace', [[1, 9, 1, 2]], { attrs: { blocksize: 3, mode: 'DCR' } }],
  ['SpaceToDepth', [[2, 3, 4, 6]], { attrs: { blocksize: 2 } }],

  ['ReverseSequence', [[4, 3, 2]], second(1, 4, 2)],
  ['ReverseSequence', [[3, 4]], { ...second(2, 4, 1), attrs: { batch_axis: 0, time_axis: 1 } }],

  ['Trilu', [[3, 4]]],
  ['Trilu', [[2, 4, 3]], { attrs: { upper: 0 }, fixed: { 1: scalar(1) } }],
  ['Trilu', [[3, 3]], { attrs: { upper: 1 }, fixed: { 1: scalar(-1) }, computed: [1] }],

  ['CenterCropPad', [[5, 4]], second(8, 3)],
  ['CenterCropPad', [[5, 4, 6]], { ...second(2, 9), attrs: { axes: [1, -1] } }],
  ['CenterCropPad', [[6, 5]], computed(3, 4)],

  ['Range', [[], []], { fixed: { 1: limit(2.3, 'float64') }, low: 0.4, high: 0.5, symbolic: false }],
];

/** No cotangent arrives at integers, and none goes on from sizes. */
export const sizes: Readonly<Record<string, string>> = Object.fromEntries(
  ['Shape', 'Size', 'NonZero', 'ConstantOfShape'].map((op) => [
    op,
    'its inputs or outputs are no floating-point numbers',
  ]),
);
