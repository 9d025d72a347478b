import { describe, expect, test } from 'vitest';
import type { AttrInput } from '../../src/ir/node.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { type Builder, builderFor } from '../../src/ops/builder.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { isConvolution } from '../../src/ops/layout.js';
import { readMatrices } from '../../src/ops/matrices.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { contrib, graphOf, input, noisy } from './graphs.js';

interface Case {
  readonly name: string;
  readonly data: { readonly symbolic: readonly (number | string)[]; readonly shape: readonly number[] };
  readonly weight: readonly number[];
  /** Emits the node. */
  node(g: Builder, x: Value, w: Value): Value;
  /** What its output is in terms of the matrices: [stacks, samples, rows]. */
  arranged(g: Builder, y: Value): Value;
  readonly isContrib?: boolean;
  readonly isConvolution?: boolean;
}

const rowsOf =
  (width: number) =>
  (g: Builder, y: Value): Value =>
    g.reshape(y, [1, -1, width]);

const product = (
  name: string,
  symbolic: readonly (number | string)[],
  shape: readonly number[],
  weight: readonly number[],
  node: Case['node'],
  arranged: Case['arranged'],
  isContrib = false,
): Case => ({ name, data: { symbolic, shape }, weight, node, arranged, isContrib });

const gemm = (attributes: Record<string, AttrInput>) => (g: Builder, x: Value, w: Value) =>
  g.op('Gemm', [x, w], attributes);

const convolution = (
  op: 'Conv' | 'ConvTranspose' | 'FusedConv',
  data: readonly number[],
  weight: readonly number[],
  group: number,
  attributes: Record<string, AttrInput> = {},
): Case => {
  const outputs = op === 'ConvTranspose' ? weight[1]! : weight[0]! / group;
  return {
    name: `${op} ${data} with ${weight} in ${group} groups ${JSON.stringify(attributes)}`,
    data: { symbolic: ['batch', data[1]!, ...data.slice(2).map((_, i) => `side${i}`)], shape: data },
    weight,
    node: (g, x, w) =>
      op === 'FusedConv'
        ? contrib(g, op, [x, w], { ...attributes, group })
        : g.op(op, [x, w], { ...attributes, group }),
    arranged: (g, y) =>
      g.reshape(g.transpose(g.reshape(y, [0, group, outputs, -1]), [1, 0, 3, 2]), [group, -1, outputs]),
    isContrib: op === 'FusedConv',
    isConvolution: true,
  };
};

const turned = (g: Builder, y: Value): Value => g.reshape(g.transpose(y, [1, 0]), [1, -1, 5]);

const cases: readonly Case[] = [
  product('MatMul', ['b', 's', 4], [2, 3, 4], [4, 5], (g, x, w) => g.matmul(x, w), rowsOf(5)),
  product('MatMul of a vector', [4], [4], [4, 5], (g, x, w) => g.matmul(x, w), rowsOf(5)),
  product('MatMul with unit batch axes', ['b', 's', 4], [2, 3, 4], [1, 4, 5], (g, x, w) => g.matmul(x, w), rowsOf(5)),
  product(
    'MatMul with the weight left',
    ['b', 4, 's'],
    [2, 4, 3],
    [5, 4],
    (g, x, w) => g.matmul(w, x),
    (g, y) => g.reshape(g.transpose(y, [0, 2, 1]), [1, -1, 5]),
  ),
  product('MatMul with the weight left of a vector', [4], [4], [5, 4], (g, x, w) => g.matmul(w, x), rowsOf(5)),
  product(
    'MatMul behind Transpose',
    ['b', 4],
    [3, 4],
    [5, 4],
    (g, x, w) => g.matmul(x, g.transpose(w, [1, 0])),
    rowsOf(5),
  ),
  product(
    'MatMul behind Transpose, Reshape and Transpose',
    ['b', 6],
    [3, 6],
    [2, 5, 3],
    (g, x, w) => g.matmul(x, g.reshape(g.transpose(w, [0, 2, 1]), [6, 5])),
    rowsOf(5),
  ),
  product('Gemm', ['b', 4], [3, 4], [4, 5], gemm({}), rowsOf(5)),
  product('Gemm transB', ['b', 4], [3, 4], [5, 4], gemm({ transB: 1 }), rowsOf(5)),
  product('Gemm transA', [4, 'b'], [4, 3], [4, 5], gemm({ transA: 1 }), rowsOf(5)),
  product('Gemm transA transB', [4, 'b'], [4, 3], [5, 4], gemm({ transA: 1, transB: 1 }), rowsOf(5)),
  product('Gemm left', [4, 'b'], [4, 3], [5, 4], (g, x, w) => g.op('Gemm', [w, x]), turned),
  product(
    'Gemm left transA transB',
    ['b', 4],
    [3, 4],
    [4, 5],
    (g, x, w) => g.op('Gemm', [w, x], { transA: 1, transB: 1 }),
    turned,
  ),
  product(
    'FusedMatMul transB',
    ['b', 's', 4],
    [2, 3, 4],
    [5, 4],
    (g, x, w) => contrib(g, 'FusedMatMul', [x, w], { transB: 1 }),
    rowsOf(5),
    true,
  ),
  product(
    'FusedMatMul transA',
    ['b', 4, 's'],
    [2, 4, 3],
    [4, 5],
    (g, x, w) => contrib(g, 'FusedMatMul', [x, w], { transA: 1 }),
    rowsOf(5),
    true,
  ),
  product(
    'FusedGemm',
    ['b', 4],
    [3, 4],
    [5, 4],
    (g, x, w) =>
      contrib(g, 'FusedGemm', [x, w], {
        transB: 1,
        activation: 'LeakyRelu',
        activation_alpha: { kind: 'float', value: 1 },
      }),
    rowsOf(5),
    true,
  ),
  convolution('Conv', [2, 3, 7], [4, 3, 3], 1),
  convolution('Conv', [2, 3, 5, 6], [4, 3, 3, 2], 1, { pads: [1, 0, 1, 1], strides: [2, 1] }),
  convolution('Conv', [2, 4, 5, 6], [6, 2, 3, 3], 2, { dilations: [2, 1], pads: [0, 1, 1, 0] }),
  convolution('Conv', [2, 4, 5, 6], [6, 2, 3, 2], 2, { auto_pad: 'SAME_UPPER', strides: [2, 1] }),
  convolution('Conv', [2, 4, 5, 6], [4, 1, 3, 3], 4),
  convolution('Conv', [2, 4, 5, 6], [8, 1, 3, 3], 4, { kernel_shape: [3, 3] }),
  convolution('Conv', [2, 4, 5, 6], [6, 4, 1, 1], 1),
  convolution('Conv', [2, 4, 5, 6], [6, 2, 1, 1], 2, { strides: [2, 2] }),
  convolution('Conv', [2, 4, 3, 4, 5], [6, 2, 2, 2, 2], 2, { pads: [1, 1, 1, 0, 0, 0] }),
  convolution('FusedConv', [2, 4, 5, 6], [6, 2, 3, 3], 2, {
    activation: 'LeakyRelu',
    activation_params: { kind: 'floats', value: [1] },
  }),
  convolution('ConvTranspose', [2, 3, 5], [3, 4, 3], 1, { strides: [2] }),
  convolution('ConvTranspose', [2, 4, 3, 4], [4, 3, 3, 2], 2, {
    strides: [2, 3],
    pads: [1, 0, 0, 1],
    output_padding: [1, 0],
  }),
  convolution('ConvTranspose', [2, 4, 3, 4], [4, 3, 2, 2], 1, { dilations: [2, 1], group: 1 }),
  convolution('ConvTranspose', [1, 2, 3, 4], [2, 3, 3, 3], 1, { strides: [2, 2], output_shape: [6, 8] }),
  convolution('ConvTranspose', [2, 4, 2, 2, 3], [4, 3, 2, 2, 2], 4, {}),
];

describe('the matrix of a weight times its columns is the node', () => {
  test.each(cases)('$name', async ({ data, weight, node, arranged, isContrib, isConvolution: slides = false }) => {
    const x = input('x', data.symbolic);
    const graph = graphOf([x], (g) => [node(g, x, g.constant(noisy(weight, 7)))], 17, isContrib);
    const { layers, skipped } = findLayers(graph);
    expect(skipped).toEqual([]);
    expect(layers).toHaveLength(1);
    const layer = layers[0] as Layer;
    expect(isConvolution(layer.layout)).toBe(slides);
    expect(layer.positions).toBe(weight.reduce((a, b) => a * b));
    const [got, wanted] = await compared(graph, layer, noisy(data.shape, 3), x, arranged);
    expect(got!.shape).toEqual(wanted!.shape);
    expect(largestDifference(got!, wanted!)).toBeLessThan(1e-5);
  });
});

async function compared(graph: Graph, layer: Layer, x: Tensor, fed: Value, arranged: Case['arranged']) {
  const g = builderFor(graph);
  const { stacks, rows, columns } = layer.layout;
  const matrices = g.floats(readMatrices(layer), [stacks, rows, columns]);
  const got = g.matmul(layer.uses[0]!.columns(g), g.transpose(matrices, [0, 2, 1]));
  const wanted = arranged(g, graph.outputs[0]!);
  const whole = { ...g.appendTo(graph), outputs: [got, wanted] };
  return withProgram(whole, {}, async (program) => {
    const results = await program.run(new Map([[fed, x]]));
    return [results.get(got), results.get(wanted)];
  });
}

function largestDifference(a: Tensor, b: Tensor): number {
  const other = floatsOf(b);
  return floatsOf(a).reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
}
