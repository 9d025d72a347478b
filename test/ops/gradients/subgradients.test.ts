/** Where mathematics leaves a choice, or the formula is infinite and the forward pass is not: the gradient of the sum, in numbers. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import { type AttrInput, attrs } from '../../../src/ir/node.js';
import type { Graph, Node, Value } from '../../../src/ir/types.js';
import { simplify } from '../../../src/rewrite/simplify.js';
import { annotate } from '../../../src/runtime/annotate.js';
import { withProgram } from '../../../src/runtime/program.js';
import { floatsOf, tensorOf } from '../../../src/tensor/convert.js';
import type { DataType } from '../../../src/tensor/dtype.js';
import { int64, scalar, type Tensor, tensor } from '../../../src/tensor/tensor.js';

type Numbers = readonly number[];

interface Options {
  readonly attrs?: Readonly<Record<string, AttrInput>>;
  /** Fixed inputs by position. */
  readonly fixed?: Readonly<Record<number, Tensor>>;
  /** Shapes of the differentiable inputs; default vectors, scalars for what is given as `[value]` with shape []. */
  readonly shapes?: readonly Numbers[];
  readonly dtypes?: readonly ('float32' | 'float64' | 'float16')[];
}

type Row = readonly [op: string, inputs: readonly Numbers[], expected: readonly Numbers[], options?: Options];

const single = { dtypes: ['float32'] } as const;
const float = (value: number) => ({ kind: 'float', value }) as const;
const labels = (...values: number[]) => ({ 1: int64([values.length], values) });
const { NEGATIVE_INFINITY: none, POSITIVE_INFINITY: infinite } = Number;

const rows: readonly Row[] = [
  ['Relu', [[-1, 0, 2]], [[0, 0, 1]]],
  ['LeakyRelu', [[-1, 0, 2]], [[0.5, 0.5, 1]], { ...single, attrs: { alpha: float(0.5) } }],
  ['PRelu', [[-2, 0, 3], [0.25]], [[0.25, 0.25, 1], [-2]], single],
  ['Elu', [[0]], [[0.5]], { ...single, attrs: { alpha: float(0.5) } }],
  ['Selu', [[0]], [[1.7581]], single],
  ['HardSigmoid', [[-2, 0, 2]], [[0, 0.25, 0]], { ...single, attrs: { alpha: float(0.25) } }],
  ['HardSwish', [[-3, 0, 3]], [[0, 0.5, 1]], single],
  ['ThresholdedRelu', [[1]], [[0]], single],
  ['Shrink', [[-0.5, 0.5]], [[0, 0]], single],
  ['Mish', [[-200, 100]], [[0, 1]], single],
  ['Gelu', [[-100, 100]], [[0, 1]], single],
  ['Gelu', [[-100, 100]], [[0, 1]], { ...single, attrs: { approximate: 'tanh' } }],
  ['Softplus', [[-1000, 1000]], [[0, 1]], single],
  ['Softsign', [[-1e30, 0, 1e30]], [[0, 1, 0]], single],
  ['Sigmoid', [[-1000, 1000]], [[0, 0]]],
  ['Tanh', [[-1000, 1000]], [[0, 0]]],
  ['LpNormalization', [[0, 0, 3, 4]], [[0, 0, 0.032, -0.024]], { shapes: [[2, 2]] }],
  ['LpNormalization', [[0, 0, 0, 4]], [[0, 0, 0.25, 0]], { shapes: [[2, 2]], attrs: { p: 1 } }],

  ['Abs', [[-2, 0, 3]], [[-1, 0, 1]], { dtypes: ['float32', 'float64', 'float16'] }],
  ['Sqrt', [[0, 4, infinite]], [[0, 0.25, 0]], { dtypes: ['float32', 'float64', 'float16'] }],
  ['Pow', [[0, 4]], [[0, 0.25]], { fixed: { 1: scalar(0.5) } }],
  ['Pow', [[0, -2, 3]], [[0, 12, 27]], { fixed: { 1: scalar(3) } }],
  ['Pow', [[0, 4]], [[0, 3]], { fixed: { 1: scalar(1.5) } }],
  ['Pow', [[0, -2]], [[0, 0]], { fixed: { 1: scalar(0) } }],
  ['Pow', [[0, -2]], [[1, 1]], { fixed: { 1: scalar(1) } }],
  [
    'Pow',
    [
      [0, 0, 0, 0, 0],
      [0, 0.5, 1, 2, 3],
    ],
    [
      [0, 0, 1, 0, 0],
      [0, 0, 0, 0, 0],
    ],
  ],
  [
    'Pow',
    [
      [-2, -2, -2],
      [2, 3, -1],
    ],
    [
      [-4, 12, -0.25],
      [0, 0, 0],
    ],
  ],
  ['Asin', [[-1, 0, 1]], [[0, 1, 0]], single],
  ['Acos', [[-1, 0, 1]], [[0, -1, 0]], single],
  ['Acosh', [[1, 1e30]], [[0, 1e-30]], single],
  ['Asinh', [[-1e30, 0]], [[0, 1]], single],
  ['Atan', [[none, 0, infinite]], [[0, 1, 0]], single],

  [
    'Max',
    [
      [1, 2, none],
      [1, 3, none],
    ],
    [
      [0.5, 0, 0.5],
      [0.5, 1, 0.5],
    ],
  ],
  ['Min', [[2], [2], [2], [2]], [[0.25], [0.25], [0.25], [0.25]]],
  ['Clip', [[-1, 0, 1, 2, -3], [-1], [1]], [[1, 1, 1, 0, 0], [1], [1]], { shapes: [[5], [], []] }],
  ['Clip', [[0, 2], [1], [-1]], [[0, 0], [0], [2]], { shapes: [[2], [], []] }],
  ['Where', [[1, 2], [3]], [[1, 0], [1]], { fixed: { 0: tensor('bool', [2], Uint8Array.of(1, 0)) } }],

  ['Det', [[1, 2, 2, 4]], [[4, -2, -2, 1]], { ...single, shapes: [[2, 2]] }],

  ['ReduceMax', [[1, 3, 3]], [[0, 0.5, 0.5]]],
  ['ReduceMin', [[1, 1, 3, 1]], [[1 / 3, 1 / 3, 0, 1 / 3]]],
  ['ReduceProd', [[2, 3, 4]], [[12, 8, 6]]],
  ['ReduceProd', [[0, 2, 3]], [[6, 0, 0]]],
  ['ReduceProd', [[0, 0, 3]], [[0, 0, 0]]],
  ['ReduceL1', [[-1, 0, 2]], [[-1, 0, 1]]],
  ['ReduceL2', [[0, 0]], [[0, 0]]],
  ['ReduceL2', [[3, 4]], [[0.6, 0.8]]],
  ['ReduceLogSumExp', [[1000, 1000]], [[0.5, 0.5]]],
  ['ReduceLogSumExp', [[none, 0]], [[0, 1]]],
  ['ReduceLogSumExp', [[none, none]], [[0, 0]]],
  ['LogSoftmax', [[1000, 0]], [[-1, 1]]],
  ['LogSoftmax', [[0, none]], [[-1, 1]]],
  ['Softmax', [[1000, 0, none]], [[0, 0, 0]]],

  ['SoftmaxCrossEntropyLoss', [[1000, 0]], [[0, 0]], { shapes: [[1, 2]], fixed: labels(0) }],
  ['SoftmaxCrossEntropyLoss', [[1000, 0]], [[1, -1]], { shapes: [[1, 2]], fixed: labels(1) }],
  [
    'SoftmaxCrossEntropyLoss',
    [[1, 2]],
    [[0, 0]],
    { shapes: [[1, 2]], fixed: labels(-100), attrs: { ignore_index: -100 } },
  ],
  ['NegativeLogLikelihoodLoss', [[1, 2]], [[0, 0]], { shapes: [[1, 2]], fixed: labels(0), attrs: { ignore_index: 0 } }],
  [
    'MaxPool',
    [[1, 1, 1, 1]],
    [[1, 0, 0, 0]],
    { shapes: [[1, 1, 2, 2]], attrs: { kernel_shape: [2, 2], strides: [2, 2] } },
  ],
  ['MaxPool', [[0, 1, 0, 1, 0, 1]], [[0, 2, 0, 0, 0, 0]], { shapes: [[1, 1, 2, 3]], attrs: { kernel_shape: [2, 2] } }],
  ['MaxPool', [[1, 1, 0]], [[2, 1, 0]], { shapes: [[1, 1, 3]], attrs: { kernel_shape: [3], pads: [1, 1] } }],
  ['GlobalMaxPool', [[3, 3, 1]], [[0.5, 0.5, 0]], { ...single, shapes: [[1, 1, 3]] }],
  [
    'LpPool',
    [[0, 0, 3, 4]],
    [[0, 0, 0.6, 0.8]],
    { ...single, shapes: [[1, 1, 4]], attrs: { kernel_shape: [2], strides: [2] } },
  ],
  ['LpPool', [[0, -2]], [[0, -1]], { ...single, shapes: [[1, 1, 2]], attrs: { kernel_shape: [2], p: 1 } }],
  ['GlobalLpPool', [[0, 0]], [[0, 0]], { ...single, shapes: [[1, 1, 2]] }],
  ['GlobalLpPool', [[0, 0]], [[0, 0]], { ...single, shapes: [[1, 1, 2]], attrs: { p: 3 } }],
  ['GlobalLpPool', [[0, -2]], [[0, -1]], { ...single, shapes: [[1, 1, 2]], attrs: { p: 1 } }],

  ...['max', 'min'].map(
    (reduction): Row => [
      'ScatterElements',
      [
        [1, 2],
        [1, 2],
      ],
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      { fixed: labels(0, 1), attrs: { reduction } },
    ],
  ),
  ...[
    { updates: [0, 5], expected: [10, 0], ofData: [0, 1] },
    { updates: [0, 0], expected: [0, 0], ofData: [0, 1] },
    { updates: [4, 5], expected: [10, 8], ofData: [20, 1] },
  ].map(
    ({ updates, expected, ofData }): Row => [
      'ScatterElements',
      [[2, 3], updates],
      [ofData, expected],
      { fixed: labels(0, 0), attrs: { reduction: 'mul' } },
    ],
  ),
  ['Unique', [[3, 1, 3]], [[1, 1, 0]]],
];

const cases = rows.flatMap((row) =>
  (row[3]?.dtypes ?? (['float32', 'float64'] as const)).map((dtype) => [row[0], row[1], dtype, row] as const),
);

describe('subgradients', () => {
  test.each(cases)('%s at %j in %s', async (op, inputs, dtype, [, , expected, options = {}]) => {
    const { graph, args, feeds } = graphOf(op, inputs, dtype, options);
    const gradients = await gradientsOf(graph, args, feeds);
    for (const [i, gradient] of gradients.entries()) {
      const wanted = expected[i]!;
      expect(gradient).toHaveLength(wanted.length);
      gradient.forEach((value, k) => {
        expect(value, `input ${i}: ${gradient}`).toBeCloseTo(wanted[k]!, 5);
      });
    }
  });
});

test('Cast brings the cotangent back to the type of its input', async () => {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [2] } };
  const graph = graphAround([x], [nodeOf('Cast', [x], 1, { to: 11 })]);
  expect(await gradientsOf(graph, [x], [tensor('float32', [2], Float32Array.of(1, 2))])).toEqual([[1, 1]]);
});

test('nothing flows through a comparison', async () => {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [3] } };
  const isLarge = nodeOf('Greater', [x, x], 1, {}, 'large');
  const mask = nodeOf('Cast', [isLarge.outputs[0]!], 1, { to: 1 }, 'mask');
  const graph = graphAround([x], [isLarge, mask, nodeOf('Add', [x, mask.outputs[0]!], 1)]);
  expect(await gradientsOf(graph, [x], [tensor('float32', [3], Float32Array.of(1, 2, 3))])).toEqual([[1, 1, 1]]);
});

describe('Dropout in training', () => {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [64] } };
  const ratio: Value = { name: 'ratio', type: { dtype: 'float32', shape: [] } };
  const training: Value = { name: 'training', type: { dtype: 'bool', shape: [] } };
  const initializers = new Map([
    [ratio, scalar(0.75)],
    [training, tensor('bool', [], Uint8Array.of(1))],
  ]);
  const ones = tensor('float32', [64], new Float32Array(64).fill(1));

  test('follows the mask that the node names', async () => {
    const node = nodeOf('Dropout', [x, ratio, training], 2);
    const graph = graphAround([x], [node], initializers);
    const types = await annotate(graph);
    const { graph: whole, gradients } = grad(graph, node.outputs[0]!, [x], { types });
    await withProgram({ ...whole, outputs: [node.outputs[0]!, gradients.get(x)!] }, {}, async ({ run }) => {
      const [y, dx] = [...(await run(new Map([[x, ones]]))).values()].map((t) => Array.from(floatsOf(t)));
      expect(new Set(y)).toEqual(new Set([0, 4]));
      expect(dx).toEqual(y);
    });
  });

  test('is refused without it', async () => {
    const node = nodeOf('Dropout', [x, ratio, training], 1);
    const graph = graphAround([x], [node], initializers);
    const types = await annotate(graph);
    expect(() => grad(graph, node.outputs[0]!, [x], { types })).toThrow(
      "Dropout 'Dropout': drops at random without saying what; name its output 'mask', or set training_mode to a constant false",
    );
  });
});

function nodeOf(
  op: string,
  inputs: readonly Value[],
  outputs: number,
  attributes: Readonly<Record<string, AttrInput>> = {},
  name = op,
): Node {
  const made = Array.from({ length: outputs }, (_, i) => ({ name: `${name}_${i}` }));
  return { name, op, domain: '', inputs, outputs: made, attrs: attrs(attributes) };
}

const graphAround = (
  inputs: readonly Value[],
  nodes: readonly Node[],
  initializers = new Map<Value, Tensor>(),
): Graph => ({
  name: 'point',
  inputs,
  outputs: [nodes.at(-1)!.outputs[0]!],
  nodes,
  initializers,
  opsets: new Map([['', 21]]),
  functions: [],
});

function graphOf(
  op: string,
  given: readonly Numbers[],
  dtype: DataType,
  { fixed = {}, shapes, attrs: set = {} }: Options,
) {
  const args = given.map(
    (values, i): Value => ({ name: `x${i}`, type: { dtype, shape: shapes?.[i] ?? [values.length] } }),
  );
  const constants = new Map<Value, Tensor>();
  const rest = [...args];
  const inputs = Array.from({ length: args.length + Object.keys(fixed).length }, (_, i) => {
    const t = fixed[i];
    if (!t) return rest.shift()!;
    const value: Value = { name: `fixed${i}`, type: { dtype: t.dtype, shape: t.shape } };
    constants.set(value, t);
    return value;
  });
  const feeds = given.map((values, i) => tensorOf(dtype, args[i]!.type!.shape as Numbers, Float32Array.from(values)));
  return { graph: graphAround(args, [nodeOf(op, inputs, 1, set)], constants), args, feeds };
}

/** Of the sum of the output, in numbers. */
async function gradientsOf(graph: Graph, args: readonly Value[], feeds: readonly Tensor[]): Promise<number[][]> {
  const { graph: whole, gradients } = grad(graph, graph.outputs[0]!, args, { types: await annotate(graph) });
  const outputs = args.map((arg) => gradients.get(arg)!);
  const program = simplify({ ...whole, outputs: [...new Set(outputs)] });
  return withProgram(program, { optimization: 'basic', threads: 1 }, async ({ run, inputs }) => {
    const named = new Map(args.map((arg, i) => [arg.name, feeds[i]!]));
    const results = await run(new Map(inputs.map((input) => [input, named.get(input.name)!])));
    const found = new Map([...results].map(([value, t]) => [value.name, t]));
    return outputs.map((value) => Array.from(floatsOf(found.get(value.name)!)));
  });
}
