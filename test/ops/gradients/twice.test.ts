/** Elementwise rules and reductions are closed under their own output: the gradient of a gradient, against differences. */
import { expect, test } from 'vitest';
import { grad } from '../../../src/autodiff/grad.js';
import { type AttrInput, attrs } from '../../../src/ir/node.js';
import type { Graph, Value } from '../../../src/ir/types.js';
import { annotate } from '../../../src/runtime/annotate.js';
import { int64, scalar, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import { checkWhole, type WholeOptions } from './whole.js';

interface Options extends WholeOptions {
  readonly attrs?: Readonly<Record<string, AttrInput>>;
  readonly dtype?: 'float32' | 'float64';
  /** The last inputs. */
  readonly constants?: readonly Tensor[];
}

type Row = readonly [op: string, shapes: readonly (readonly number[])[], options?: Options];

// differences of the runtime's single-precision gradients are that coarse
const single = { dtype: 'float32', step: 1e-2, tolerance: 5e-3, agreement: 1e-5 } as const;
const away = { low: 0.5, high: 2 } as const;
const labels = { constants: [int64([2], [2, 0])] };

const rows: readonly Row[] = [
  ...['Sin', 'Cos', 'Tanh', 'Exp', 'Sigmoid', 'Abs', 'Relu', 'Softmax', 'LogSoftmax'].map((op): Row => [op, [[2, 3]]]),
  ...['Sqrt', 'Log', 'Reciprocal', 'ReduceProd', 'ReduceLogSum'].map((op): Row => [op, [[2, 3]], away]),
  ...['ReduceMean', 'ReduceMax', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'].map(
    (op): Row => [op, [[2, 3]], { constants: [int64([1], [1])] }],
  ),
  ...['Erf', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Atanh'].map(
    (op): Row => [op, [[2, 3]], { ...single, low: -0.7, high: 0.7 }],
  ),
  ['Acosh', [[2, 3]], { ...single, low: 1.5, high: 3 }],
  ...['Elu', 'Selu', 'Celu', 'Softplus', 'Softsign', 'Gelu', 'Mish', 'HardSwish', 'LeakyRelu'].map(
    (op): Row => [op, [[2, 3]], { ...single, low: 0.1, high: 1 }],
  ),
  ['Gelu', [[2, 3]], { ...single, attrs: { approximate: 'tanh' } }],
  ['PRelu', [[2, 3], [3]], { ...single, low: -1, high: -0.1 }],
  ['ReduceProd', [[2, 3]], { given: { x0: tensor('float64', [2, 3], Float64Array.of(0, 2, -3, 0.5, 0, 0)) } }],
  ['Pow', [[2, 3], [3]], away],
  ['Pow', [[2, 3]], { constants: [scalar(3, 'float64')] }],
  ['Pow', [[2, 3]], { ...away, constants: [scalar(0.5, 'float64')] }],
  ['Div', [[2, 3], [3]], away],
  ['Max', [[2, 3], [3]]],
  ['Clip', [[2, 3], [], []], { low: -1, high: 1 }],
  ['CumSum', [[2, 3]], { constants: [int64([], [1])] }],
  ['NegativeLogLikelihoodLoss', [[2, 3]], labels],
  ['SoftmaxCrossEntropyLoss', [[2, 3]], labels],
  [
    'MatMul',
    [
      [2, 3],
      [3, 2],
    ],
  ],
  [
    'MatMul',
    [
      [2, 2, 3],
      [3, 2],
    ],
  ],
  [
    'MatMul',
    [
      [2, 2, 3],
      [1, 3, 2],
    ],
  ],
  ['MatMul', [[2, 3], [3]]],
  ['Gemm', [[3, 2], [3, 2], [2]], { attrs: { transA: 1 } }],
  [
    'Einsum',
    [
      [2, 3],
      [3, 2],
    ],
    { attrs: { equation: 'ij,jk->ik' } },
  ],
  ['Einsum', [[2, 2]], { attrs: { equation: 'ii' } }],
  [
    'Conv',
    [
      [1, 2, 4, 4],
      [2, 2, 3, 3],
    ],
    { ...single, low: -1, high: 1, attrs: { pads: [1, 1, 1, 1] } },
  ],
  [
    'Conv',
    [
      [1, 2, 5, 5],
      [2, 1, 3, 3],
    ],
    { ...single, low: -1, high: 1, attrs: { group: 2, strides: [2, 2] } },
  ],
  [
    'Conv',
    [
      [1, 2, 4, 4],
      [2, 2, 1, 1],
    ],
    { ...single, low: -1, high: 1 },
  ],
  [
    'ConvTranspose',
    [
      [1, 2, 3, 3],
      [2, 2, 2, 2],
    ],
    { ...single, low: -1, high: 1, attrs: { strides: [2, 2] } },
  ],
  ['MaxPool', [[1, 2, 5]], { attrs: { kernel_shape: [3], strides: [2] } }],
  ['MaxPool', [[1, 2, 5]], { attrs: { kernel_shape: [3], pads: [1, 1] } }],
  ['MaxPool', [[1, 2, 6]], { ...single, attrs: { kernel_shape: [2], strides: [2] } }],
  ['AveragePool', [[1, 2, 5]], { ...single, attrs: { kernel_shape: [3] } }],
  ['AveragePool', [[1, 2, 7]], { ...single, attrs: { kernel_shape: [3], strides: [2] } }],
  ['GlobalAveragePool', [[1, 2, 3]], single],
  ['GlobalMaxPool', [[1, 2, 3]], single],
  ['LpPool', [[1, 2, 6]], { ...single, ...away, attrs: { kernel_shape: [2], strides: [2], p: 3 } }],
  ['GlobalLpPool', [[1, 2, 3]], { ...single, ...away }],
  ['LRN', [[1, 4, 2, 2]], { ...single, attrs: { size: 3 } }],
];

test.each(rows.map(([op, shapes, options = {}]) => [op, shapes, options] as const))(
  '%s %j',
  async (op, shapes, options) => {
    await checkWhole(graphOf(op, shapes, options), { ...options, twice: true });
  },
);

test('a step mask of a gradient is not differentiated', async () => {
  const graph = graphOf('Relu', [[2, 3]], { dtype: 'float32' });
  const [x] = graph.inputs as [Value];
  const first = grad(graph, graph.outputs[0]!, [x], { types: await annotate(graph) });
  const inner = { ...first.graph, outputs: [first.gradients.get(x)!] };
  const second = grad(inner, inner.outputs[0]!, [x], { types: await annotate(inner) });
  const emitted = second.graph.nodes.slice(inner.nodes.length).map((node) => node.op);
  expect(emitted).not.toContain('Sub');
});

/** The op's output squared: with it second derivatives of what is linear in pieces are not zero. */
function graphOf(op: string, shapes: readonly (readonly number[])[], options: Options): Graph {
  const { dtype = 'float64', constants = [] } = options;
  const inputs = shapes.map((shape, i): Value => ({ name: `x${i}`, type: { dtype, shape } }));
  const initializers = new Map<Value, Tensor>(
    constants.map((t, i) => [{ name: `c${i}`, type: { dtype: t.dtype, shape: t.shape } }, t]),
  );
  const [y, squared] = [{ name: 'y' }, { name: 'squared' }];
  return {
    name: 'twice',
    inputs,
    outputs: [squared],
    nodes: [
      {
        name: op,
        op,
        domain: '',
        inputs: [...inputs, ...initializers.keys()],
        outputs: [y],
        attrs: attrs(options.attrs ?? {}),
      },
      { name: 'squared', op: 'Mul', domain: '', inputs: [y, y], outputs: [squared], attrs: {} },
    ],
    initializers,
    opsets: new Map([['', 21]]),
    functions: [],
  };
}
