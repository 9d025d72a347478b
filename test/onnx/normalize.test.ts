import { describe, expect, test } from 'vitest';
import { type AttrInput, attrs } from '../../src/ir/node.js';
import type { Attr, FunctionDefinition, Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { normalize } from '../../src/onnx/normalize.js';
import { upgrades } from '../../src/onnx/upgrade/catalogue.js';
import type { Builder } from '../../src/ops/builder.js';
import { withProgram } from '../../src/runtime/program.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { dataOf, float32, int64, type Tensor } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';
import { graphOf, input, noise, noisy } from '../ops/graphs.js';

type Emit = (g: Builder, x: Value) => readonly Value[];

const one =
  (op: string, attributes: Record<string, AttrInput> = {}, others: (g: Builder) => (Value | null)[] = () => []): Emit =>
  (g, x) => [g.op(op, [x, ...others(g)], attributes)];

const float = (value: number): Attr => ({ kind: 'float', value });
const floats = (...value: number[]): Attr => ({ kind: 'floats', value });

/** Data is [2, 3, 4, 4]. */
const cases: readonly [op: string, opset: number, emit: Emit][] = [
  ['Clip', 7, one('Clip', { min: float(-0.5), max: float(0.25) })],
  ['Clip', 10, one('Clip', { max: float(0.25) })],
  ['Pad', 8, one('Pad', { pads: [0, 0, 1, 0, 0, 0, 0, 2], value: float(0.5) })],
  ['Pad', 10, one('Pad', { pads: [0, 0, 1, 1, 0, 0, 1, 1], mode: 'reflect' })],
  ['Slice', 9, one('Slice', { starts: [1, 0], ends: [3, -1], axes: [1, 2] })],
  ['Slice', 7, one('Slice', { starts: [0, 1], ends: [2, 9] })],
  ['TopK', 9, (g, x) => g.ops('TopK', [x], 2, { k: 2, axis: 2 })],
  ['Squeeze', 11, (g, x) => [g.op('Squeeze', [g.slice(x, [0], [1], [1])], { axes: [1] })]],
  ['Squeeze', 12, (g, x) => [g.op('Squeeze', [g.slice(x, [0], [1], [1])])]],
  ['Unsqueeze', 9, one('Unsqueeze', { axes: [0, 3] })],
  ['ReduceSum', 12, one('ReduceSum', { axes: [-1], keepdims: 0 })],
  ['ReduceMean', 17, one('ReduceMean', { axes: [2, 3] })],
  ['ReduceMax', 9, one('ReduceMax', { axes: [1], keepdims: 0 })],
  ['ReduceL2', 13, one('ReduceL2')],
  ['Split', 12, (g, x) => g.ops('Split', [x], 2, { axis: 1, split: [1, 2] })],
  ['Split', 13, (g, x) => g.ops('Split', [x, g.ints([3, 1])], 2, { axis: 2 })],
  ['Split', 17, (g, x) => g.ops('Split', [x], 2, { axis: 3 })],
  ['Softmax', 7, one('Softmax')],
  ['Softmax', 11, one('Softmax', { axis: 2 })],
  ['Softmax', 12, one('Softmax', { axis: -1 })],
  ['Softmax', 12, (g, x) => [g.op('Softmax', [g.op('Relu', [x])], { axis: 2 })]],
  ['Softmax', 13, one('Softmax', { axis: 1 })],
  ['LogSoftmax', 11, one('LogSoftmax', { axis: 0 })],
  ['Hardmax', 11, one('Hardmax', { axis: -2 })],
  ['Upsample', 7, one('Upsample', { scales: floats(1, 1, 2, 3) })],
  ['Upsample', 9, one('Upsample', { mode: 'linear' }, (g) => [g.floats([1, 1, 2, 2])])],
  ['Upsample', 9, one('Upsample', {}, (g) => [g.floats([1, 1, 1.5, 2])])],
  ['Resize', 10, one('Resize', {}, (g) => [g.floats([1, 1, 2, 1.5])])],
  ['Resize', 10, one('Resize', {}, (g) => [g.floats([1, 1, 0.5, 0.75])])],
  ['Resize', 10, one('Resize', { mode: 'linear' }, (g) => [g.floats([1, 1, 0.5, 2])])],
  ['Resize', 11, one('Resize', { mode: 'cubic' }, (g) => [g.floats([], [0]), g.floats([1, 1, 2, 2])])],
  ['Resize', 11, one('Resize', {}, (g) => [g.floats([], [0]), g.floats([], [0]), g.ints([2, 3, 7, 3])])],
  ['BatchNormalization', 9, one('BatchNormalization', {}, (g) => batchNorm(g))],
  ['BatchNormalization', 7, one('BatchNormalization', { spatial: 1 }, (g) => batchNorm(g))],
  ['Dropout', 7, (g, x) => [g.op('Relu', [g.op('Dropout', [x], { ratio: float(0.5) })])]],
  ['Dropout', 11, (g, x) => [g.ops('Dropout', [x], 2)[0] as Value]],
  ['Scatter', 9, (g, x) => [g.op('Scatter', [g.reshape(x, [-1]), g.ints([1, 0]), g.floats([5, 6])], { axis: 0 })]],
  ['GridSample', 16, one('GridSample', { mode: 'bicubic' }, (g) => [g.constant(noisy([2, 3, 3, 2], 8))])],
  ['GridSample', 16, one('GridSample', {}, (g) => [g.constant(noisy([2, 3, 3, 2], 8))])],
  [
    'RoiAlign',
    10,
    one('RoiAlign', { output_height: 2, output_width: 2 }, (g) => [
      g.floats([0, 0, 2, 2.5, 1, 0, 3, 3], [2, 4]),
      g.ints([0, 1]),
    ]),
  ],
  ['DFT', 17, (g, x) => [g.op('DFT', [g.reshape(x, [2, 3, 16, 1])], { axis: 2 })]],
  ['MaxPool', 8, one('MaxPool', { kernel_shape: [2, 2] })],
  ['Gemm', 9, (g, x) => [g.op('Gemm', [g.reshape(x, [2, -1]), g.constant(noisy([48, 2])), g.floats([1, 2])])]],
  ['Dropout', 22, (g, x) => [g.op('Dropout', [x])]],
  ['Swish', 24, (g, x) => [g.op('Add', [g.op('Swish', [x], { alpha: float(1.5) }), g.op('Swish', [x])])]],
];

function batchNorm(g: Builder): Value[] {
  const positive = noise(3, 4).map((value) => 1 + value / 2);
  return [g.floats(noise(3, 1)), g.floats(noise(3, 2)), g.floats(noise(3, 3)), g.floats(positive)];
}

const shape = [2, 3, 4, 4];

describe('normalize gives the same outputs in opset 21', () => {
  test.each(cases)('%s of opset %i', async (_op, opset, emit) => {
    const x = input('x', ['n', 3, 4, 4]);
    const graph = graphOf([x], (g) => emit(g, x), opset);
    const normal = normalize(graph);
    verify(normal);
    expect(normal.opsets.get('')).toBe(21);
    await expectEqual(graph, normal, new Map([[x, noisy(shape, 6)]]));
  });

  const refused = ['GroupNormalization', 'Scan'];
  test.each(Object.keys(upgrades).filter((op) => !refused.includes(op) && !op.startsWith('Reduce')))(
    '%s has a row',
    (op) => {
      expect(cases.map(([name]) => name)).toContain(op);
    },
  );

  test('a graph in opset 21 is returned as it is', () => {
    const graph = graphOf([], (g) => [g.op('Relu', [g.floats([1])])], 21);
    expect(normalize(graph)).toBe(graph);
  });

  test('nodes that mean the same stay the same objects', () => {
    const graph = graphOf([input('x', ['n'])], (g) => [g.op('Relu', [g.op('Abs', [input('x', ['n'])])])], 9);
    expect(normalize(graph).nodes).toEqual(graph.nodes);
    expect(normalize(graph).nodes[0]).toBe(graph.nodes[0]);
  });
});

describe('normalize refuses by name', () => {
  const refusals: readonly [opset: number, emit: Emit, message: string][] = [
    [6, one('Relu'), "graph 'test': expected opset 7 or later, got 6; convert the model first"],
    [
      7,
      one('BatchNormalization', { spatial: 0 }, batchNorm),
      "BatchNormalization 'test/BatchNormalization': spatial = 0 left ONNX in opset 9",
    ],
    [
      9,
      (g, x) => g.ops('BatchNormalization', [x, ...batchNorm(g)], 3),
      "BatchNormalization 'test/BatchNormalization': training outputs before opset 14; export the model for inference",
    ],
    [10, (g, x) => g.ops('Dropout', [x], 2), "Dropout 'test/Dropout': a mask that is read before opset 12"],
    [
      10,
      one('Resize', {}, (g) => [g.floats([1, 1, 0.5, 2])]),
      "Resize 'test/Resize': a Resize before opset 11 with scales that are not stored, or of both kinds",
    ],
    [
      24,
      one('BitCast', { to: 6 }),
      "BitCast 'test/BitCast': BitCast is not in opset 21; export with opset 21 or below",
    ],
    [
      25,
      one('Attention', { left_window_size: 2 }, (g) => [g.floats([1]), g.floats([1])]),
      "Attention 'test/Attention': Attention is not in opset 21; export with opset 21 or below",
    ],
    [
      26,
      (g, x) => [g.op('CumProd', [g.op('Relu', [x]), g.constant(int64([], [0]))])],
      "CumProd 'test/CumProd': CumProd is not in opset 21; export with opset 21 or below",
    ],
    [
      23,
      one('DequantizeLinear', { output_dtype: 1 }, (g) => [g.scalar(1)]),
      "DequantizeLinear 'test/DequantizeLinear': attribute 'output_dtype' is not in opset 21; export with opset 21 or below",
    ],
  ];
  test.each(refusals)('opset %i', (opset, emit, message) => {
    const x = input('x', shape);
    expect(() => normalize(graphOf([x], (g) => emit(g, x), opset))).toThrow(message);
  });
});

describe('normalize inlines functions', () => {
  const x = input('x', ['n', 4]);

  /** LeakySquare(x, bias?) { slope } = LeakyRelu(x, alpha = slope)^2 (+ bias): written in opset 9. */
  const leakySquare = (): FunctionDefinition => {
    const [a, bias]: [Value, Value] = [{ name: 'x' }, { name: 'bias' }];
    const body = graphOf(
      [a, bias],
      (g) => {
        const y = g.op('LeakyRelu', [a], { alpha: { kind: 'reference', value: 'slope' } });
        const wide = g.op('Unsqueeze', [g.mul(y, y)], { axes: [0] });
        return [g.op('Clip', [wide], { max: float(0.5) }), y];
      },
      9,
    );
    const defaults = { slope: float(0.1) };
    return { domain: 'local', name: 'LeakySquare', overload: '', body, attributes: [], defaults };
  };

  /** Calls it twice, the second time on the first call's second output. */
  const caller = (functions: readonly FunctionDefinition[]): Graph => {
    const graph = graphOf([x], (g) => {
      const [first, through] = g.ops('LeakySquare', [x], 2, {}, 'local') as [Value, Value];
      const second = g.ops('LeakySquare', [through], 1, attrs({ slope: float(0.5) }), 'local');
      return [first, ...second, through];
    });
    return { ...graph, opsets: new Map([...graph.opsets, ['local', 1]]), functions };
  };

  // The runtime reads every function in the model's own opset, so the calls are written out by hand to compare.
  const written = graphOf([x], (g) => {
    const square = (y: Value): Value => g.op('Min', [g.unsqueeze(g.mul(y, y), [0]), g.scalar(0.5)]);
    const through = g.op('LeakyRelu', [x], { alpha: float(0.1) });
    return [square(through), square(g.op('LeakyRelu', [through], { alpha: float(0.5) })), through];
  });

  test('with attributes, defaults and their own opset', async () => {
    const normal = normalize(caller([leakySquare()]));
    verify(normal);
    expect(normal.functions).toEqual([]);
    expect(normal.nodes.some(({ domain }) => domain === 'local')).toBe(false);
    await expectEqual(written, normal, new Map([[x, noisy([3, 4], 6)]]));
  });

  test('but not one that calls itself', () => {
    const loop = leakySquare();
    const call = { ...loop.body.nodes[0]!, op: 'LeakySquare', domain: 'local', attrs: {} };
    const recursive = { ...loop, body: { ...loop.body, nodes: [call, ...loop.body.nodes.slice(1)] } };
    expect(() => normalize(caller([recursive]))).toThrow('function LeakySquare calls itself');
  });
});

const models = [
  'mnist-cnn/Convnet_maxpool.onnx',
  'mnist-cnn/Convnet_avgpool.onnx',
  'resnet20-cifar10/resnet20_cifar10.onnx',
];

describe.each(models)('the shared model %s', (path) => {
  const file = shared(`models/${path}`);
  test.skipIf(!file)('gives the same outputs', async () => {
    const { graph } = load(file!);
    const fed = graph.inputs.filter((value) => !graph.initializers.has(value));
    const feeds = fed.map((value): [Value, Tensor] => {
      const sizes = value.type!.shape!.map((size) => (typeof size === 'number' ? size : 2));
      return [value, float32(sizes, noise(sizeOf(sizes), 3))];
    });
    await expectEqual(graph, normalize(graph), new Map(feeds));
  });
});

async function expectEqual(before: Graph, after: Graph, feeds: ReadonlyMap<Value, Tensor>): Promise<void> {
  const [wanted, got] = [await run(before, feeds), await run(after, feeds)];
  expect(got.map(({ dtype, shape: sizes }) => [dtype, sizes])).toEqual(wanted.map((t) => [t.dtype, t.shape]));
  expect(got.map(dataOf)).toEqual(wanted.map(dataOf));
}

const run = (graph: Graph, feeds: ReadonlyMap<Value, Tensor>): Promise<Tensor[]> =>
  withProgram(graph, {}, async (program) => {
    const results = await program.run(feeds);
    return graph.outputs.map((output) => results.get(output)!);
  });
