/** What rules of shape and index ops refuse, in full. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import type { Graph } from '../../../src/ir/types.js';
import { annotate } from '../../../src/runtime/annotate.js';
import { float32, int64, type Tensor } from '../../../src/tensor/tensor.js';
import { bareGraph, type Case } from './case.js';

const ints = (...values: number[]): Tensor => int64([values.length], values);
const single = { dtype: 'float32' } as const;

const rows: readonly (readonly [Case, string])[] = [
  [
    ['Col2Im', [[1, 4, 4]], { ...single, fixed: { 1: ints(3, 3), 2: ints(2, 2) }, computed: [1] }],
    "Col2Im 'case': expected constant 'image_shape' and 'block_shape', got computed ones; fold them",
  ],
  [
    [
      'Resize',
      [[1, 1, 2, 4]],
      {
        ...single,
        fixed: { 1: null, 2: null, 3: ints(1, 3) },
        attrs: { axes: [2, 3], keep_aspect_ratio_policy: 'not_smaller' },
      },
    ],
    "Resize 'case': expected fixed sizes that its aspect ratio keeps whole, got others; give the sizes themselves",
  ],
  [
    [
      'Resize',
      [[1, 1, 2, 4], [8]],
      {
        ...single,
        fixed: { 2: float32([0], new Float32Array()), 3: ints(1, 1, 2, 2) },
        attrs: { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
      },
    ],
    "Resize 'case': has no gradient to its input 'roi'; cut it with a stop, or extract the graph",
  ],
];

test.each(rows)('%j', async (row, message) => {
  const graph = bareGraph(row);
  const types = await annotate(graph);
  expect(() => grad(graph, graph.outputs[0]!, graph.inputs, { types })).toThrow(message);
});

test('a sequence on the way is refused by the op that reads it', async () => {
  const x = { name: 'x', type: { dtype: 'float32', shape: [4] } } as const;
  const seed = { name: 'seed', type: { dtype: 'float32', shape: [1] } } as const;
  const [parts, y, at] = [{ name: 'parts' }, { name: 'y' }, { name: 'at' }];
  const graph: Graph = {
    name: 'sequence',
    inputs: [x, seed],
    outputs: [y],
    nodes: [
      { name: 'cut', op: 'SplitToSequence', domain: '', inputs: [x], outputs: [parts], attrs: {} },
      { name: 'pick', op: 'SequenceAt', domain: '', inputs: [parts, at], outputs: [y], attrs: {} },
    ],
    initializers: new Map([[at, int64([], [1])]]),
    opsets: new Map([['', 21]]),
    functions: [],
  };
  const types = new Map([...(await annotate(graph)), [seed, seed.type] as const]);
  expect(() => grad(graph, y, [x], { types, seed })).toThrow(
    "grad: expected a gradient rule for SequenceAt 'pick' of opset 21, found none; extract the graph before it, or add one in src/ops",
  );
});
