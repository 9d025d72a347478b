import { int64, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import type { Case } from './case.js';

const ints = (shape: readonly number[], ...values: number[]): Tensor => int64(shape, values);
const int32s = (shape: readonly number[], ...values: number[]): Tensor =>
  tensor('int32', shape, Int32Array.from(values));
const bools = (...values: number[]): Tensor => tensor('bool', [values.length], Uint8Array.from(values));
const at = (t: Tensor, attrs: Record<string, number> = {}) => ({ fixed: { 1: t }, attrs });
const computedAt = (t: Tensor, attrs: Record<string, number> = {}) => ({ ...at(t, attrs), computed: [1] });

export const indexing: readonly Case[] = [
  ['Gather', [[4, 3]], at(ints([2, 3], 0, 3, 1, 0, 0, 2))],
  ['Gather', [[4, 3]], computedAt(ints([2, 2], -1, 3, 1, 0))],
  ['Gather', [[2, 4, 3]], at(ints([2, 2], 0, 3, 1, 0), { axis: 1 })],
  ['Gather', [[2, 3, 4, 2]], computedAt(ints([3], 2, -2, 2), { axis: 2 })],
  ['Gather', [[2, 3, 4]], at(int32s([3], 1, -1, 1), { axis: -1 })],
  ['Gather', [[2, 3, 4]], computedAt(int32s([2], 1, -1), { axis: 2 })],
  ['Gather', [[4, 3]], at(ints([], 2))],
  ['Gather', [[4, 3]], at(ints([], -1), { axis: 1 })],
  ['Gather', [[2, 3, 4]], computedAt(ints([], -2), { axis: 1 })],
  ['Gather', [[4]], computedAt(ints([], 1))],
  ['Gather', [[2, 3, 4]], at(ints([1], 2), { axis: 1 })],
  ['Gather', [[2, 4]], at(ints([4], 2, 0, 3, 1), { axis: 1 })],
  ['Gather', [[2, 5]], at(ints([3], 2, -1, 0), { axis: 1 })],

  ['GatherElements', [[3, 4]], at(ints([2, 4], 0, 1, 2, 0, -1, 1, 0, 0))],
  ['GatherElements', [[3, 4]], computedAt(ints([3, 2], 0, -1, 1, 1, 3, 2), { axis: 1 })],
  ['GatherElements', [[3, 4]], at(int32s([3, 2], 0, 1, 1, 1, 3, 2), { axis: -1 })],

  ['GatherND', [[3, 4, 2]], at(ints([3, 2], 0, 1, -1, 3, 0, 1))],
  ['GatherND', [[3, 4]], at(ints([2, 2, 1], 0, 2, 2, 1))],
  ['GatherND', [[3, 4, 2]], at(ints([3, 1], 0, -1, 2), { batch_dims: 1 })],
  ['GatherND', [[2, 3, 4]], computedAt(ints([2, 3, 2, 1], 0, 1, 2, 2, 1, 0, 3, 3, 0, 0, 1, 2), { batch_dims: 2 })],

  ['TopK', [[3, 5]], { ...at(ints([1], 2)), outputs: 2, unused: [1] }],
  ['TopK', [[5, 3]], { ...at(ints([1], 3), { axis: 0, largest: 0, sorted: 0 }), outputs: 2, unused: [1] }],
  ['TopK', [[5, 3]], { ...at(ints([1], 1), { axis: 0 }), outputs: 2, unused: [1] }],

  ['Compress', [[3, 4]], at(bools(1, 0, 1), { axis: 0 })],
  ['Compress', [[3, 4]], at(bools(0, 1, 1), { axis: -1 })],
  ['Compress', [[3, 4]], at(bools(0, 1, 1, 0, 0, 1, 0, 1))],

  ['Unique', [[7]]],
  ['Unique', [[2, 3]], { attrs: { sorted: 0 }, outputs: 4, unused: [1, 2, 3] }],
  ['Unique', [[4, 3]], { attrs: { axis: 0 }, outputs: 2, unused: [1] }],
  ['Unique', [[4, 3]], { attrs: { axis: -1 } }],

  ['OneHot', [[2]], { dtype: 'float32', fixed: { 0: ints([3], 0, 2, 5), 1: ints([1], 4) } }],
  ['OneHot', [[2]], { dtype: 'float32', fixed: { 0: ints([2, 2], 0, 2, -1, 1), 1: ints([], 3) }, attrs: { axis: 1 } }],
];

const cells = (t: Tensor, attrs: Record<string, number | string> = {}) => ({ fixed: { 1: t }, attrs });

const elements: readonly Case[] = ['none', 'add', 'mul', 'max', 'min'].flatMap((reduction): Case[] => {
  const isUnique = reduction === 'none';
  const once = ints([2, 3], 0, -1, 1, 2, 1, 0);
  const again = ints([2, 3], 0, -1, 1, 0, 1, 1);
  return [
    [
      'ScatterElements',
      [
        [3, 4],
        [2, 3],
      ],
      cells(isUnique ? once : again, { reduction }),
    ],
    [
      'ScatterElements',
      [
        [3, 4],
        [3, 2],
      ],
      cells(ints([3, 2], 0, -1, 2, 1, 3, 0), { axis: 1, reduction }),
    ],
    [
      'ScatterND',
      [
        [4, 3],
        [2, 3],
      ],
      cells(ints([2, 1], 1, isUnique ? -1 : 1), { reduction }),
    ],
    [
      'ScatterND',
      [[4, 3], [3]],
      { ...cells(ints([3, 2], 0, 1, 2, 2, isUnique ? 3 : 0, 1), { reduction }), computed: [1] },
    ],
  ];
});

export const scatter: readonly Case[] = elements;
