import { describe, expect, test } from 'vitest';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { load } from '../../src/onnx/load.js';
import { extract } from '../../src/rewrite/extract.js';
import { substitute } from '../../src/rewrite/substitute.js';
import { float32 } from '../../src/tensor/tensor.js';
import { backbones } from '../../src/train/backbones/index.js';
import { featuresOf } from '../../src/train/start/features.js';
import { graphOf, node, numbers, typed, waves } from '../helpers/graphs.js';
import { shared } from '../helpers/shared.js';

const [x, y] = [typed('x', ['batch', 4]), typed('logits', ['batch', 3])];
const [weight, bias] = [typed('weight', [4, 3]), typed('bias', [3])];
const initializers = new Map([
  [weight, waves([4, 3])],
  [bias, waves([3])],
]);
const value = (name: string): Value => ({ name });
const tanh = value('tanh');
const body = (nodes: readonly Node[]): Graph =>
  graphOf({ inputs: [x], outputs: [y], nodes: [node('Tanh', [x], [tanh]), ...nodes], initializers });
const [product, sum, flat] = ['product', 'sum', 'flat'].map(value) as [Value, Value, Value];

describe('featuresOf', () => {
  test.each<readonly [string, Graph]>([
    ['Gemm', body([node('Gemm', [tanh, weight, bias], [y])])],
    ['MatMul', body([node('MatMul', [tanh, weight], [y])])],
    ['MatMul and Add', body([node('MatMul', [tanh, weight], [product]), node('Add', [bias, product], [y])])],
    [
      'Softmax behind',
      body([
        node('Gemm', [tanh, weight, bias], [product]),
        node('Softmax', [product], [sum], { axis: 1 }),
        node('Flatten', [sum], [y]),
      ]),
    ],
    ['a layout behind', body([node('Gemm', [tanh, weight], [flat]), node('Identity', [flat], [y])])],
  ])('%s', (_, graph) => {
    const { value, head } = featuresOf(graph);
    expect(value).toBe(tanh);
    expect(head.inputs[0]).toBe(tanh);
  });

  test('of another output than that of logits', () => {
    const other = typed('other', ['batch', 3]);
    const graph = body([node('MatMul', [tanh, weight], [y]), node('MatMul', [x, weight], [other])]);
    expect(featuresOf({ ...graph, outputs: [y, other] }, other).value).toBe(x);
  });

  test.each<readonly [string, Graph, string]>([
    ['another op', body([node('Conv', [tanh, weight], [y])]), "Conv 'logits'"],
    ['a product of what moves', body([node('MatMul', [tanh, x], [y])]), "MatMul 'logits'"],
    ['a sum of two heads', body([node('Add', [tanh, x], [y])]), "Add 'logits'"],
    ['columns as samples', body([node('Gemm', [tanh, weight], [y], { transA: 1 })]), "Gemm 'logits'"],
    ['an input', graphOf({ inputs: [y], outputs: [y] }), 'none'],
  ])('refuses %s', (_, graph, got) => {
    const message = `features: expected a linear layer (Gemm or MatMul) to make 'logits', got ${got}; use a model that ends in one`;
    expect(() => featuresOf(graph)).toThrow(expect.objectContaining({ message, exitCode: 3 }));
  });

  test.each(Object.values(backbones))('logits of $name are its head over them', async ({ build }) => {
    const graph = build({ channels: 1, length: 16, classes: 3, width: 8 }, 0);
    await expectHead(graph, [2, 1, 16]);
  });

  const files = ['CBF', 'ECG200', 'FacesUCR', 'ItalyPowerDemand'].map((name) => `models/fcn-ucr/${name}_fcn.onnx`);
  test.each(files)('%s', async (file) => {
    const path = shared(file);
    if (path) await expectHead(load(path).graph, [2, 1, 64], 128);
  });
});

/** The part behind the features, fed with them, gives what the whole gives. */
async function expectHead(graph: Graph, shape: readonly [number, ...number[]], width?: number): Promise<void> {
  const { value } = featuresOf(graph);
  const [logits] = graph.outputs as [Value];
  const all = await numbers({ ...graph, outputs: [logits, value] }, { input: waves(shape) });
  const found = float32([shape[0], all[value.name]!.length / shape[0]], Float32Array.from(all[value.name]!));
  if (width) expect(found.shape[1]).toBe(width);
  const input = typed(value.name, found.shape);
  const head = substitute(extract(graph, [value], [logits]), (each) => (each === value ? input : each));
  expect((await numbers(head, { [value.name]: found }))[logits.name]).toEqual(all[logits.name]);
}
