import { describe, expect, test } from 'vitest';
import { int8 } from '../../src/convert/int8.js';
import type { Graph, Value } from '../../src/ir/types.js';
import type { Builder } from '../../src/ops/builder.js';
import type { TypedArray } from '../../src/tensor/dtype.js';
import { dataOf, float32, int64, type Tensor } from '../../src/tensor/tensor.js';
import { graphOf, input, noise, noisy } from '../ops/graphs.js';
import { bitsHere, converted, decodedGraph, decodedWeights, distance, kernels, modelOf, outputOf } from './asked.js';

/** Half of them zero. */
function pruned(shape: readonly number[], seed = 3): Tensor {
  const values = dataOf(noisy(shape, seed)) as Float32Array;
  return float32(
    shape,
    values.map((value, i) => (i % 2 === 0 ? 0 : value)),
  );
}

const weight = (g: Builder, shape: readonly number[], seed?: number): Value =>
  g.constant(pruned(shape, seed), 'weight');

type Case = readonly [name: string, shape: readonly number[], emit: (g: Builder, x: Value) => Value];

const cases: readonly Case[] = [
  ['MatMul', [5, 48], (g, x) => g.matmul(x, weight(g, [48, 32]))],
  ['MatMul of three axes', [2, 5, 48], (g, x) => g.matmul(x, weight(g, [48, 32]))],
  ['MatMul of a transposed weight', [5, 48], (g, x) => g.matmul(x, g.transpose(weight(g, [32, 48]), [1, 0]))],
  ['MatMul with a bias', [5, 48], (g, x) => g.add(g.matmul(x, weight(g, [48, 32])), g.floats(noise(32, 9)))],
  ['MatMul on the other side', [48, 5], (g, x) => g.matmul(weight(g, [32, 48]), x)],
  ['Gemm', [5, 48], (g, x) => g.op('Gemm', [x, weight(g, [48, 32]), g.floats(noise(32, 9))])],
  ['Gemm of transB', [5, 48], (g, x) => g.op('Gemm', [x, weight(g, [32, 48]), g.floats(noise(32, 9))], { transB: 1 })],
  [
    'Gemm of transA, alpha and beta',
    [48, 5],
    (g, x) =>
      g.op('Gemm', [x, weight(g, [48, 32]), g.floats(noise(32, 9))], {
        transA: 1,
        alpha: { kind: 'float', value: 0.5 },
        beta: { kind: 'float', value: 2 },
      }),
  ],
  [
    'Conv',
    [2, 8, 9, 9],
    (g, x) => g.op('Conv', [x, weight(g, [16, 8, 3, 3]), g.floats(noise(16, 9))], { pads: [1, 1, 1, 1] }),
  ],
  ['Conv along one axis', [2, 8, 20], (g, x) => g.op('Conv', [x, weight(g, [16, 8, 5])], { strides: [2] })],
  ['Conv of groups', [2, 8, 9, 9], (g, x) => g.op('Conv', [x, weight(g, [16, 2, 3, 3])], { group: 4 })],
  ['Conv of depth', [2, 32, 9, 9], (g, x) => g.op('Conv', [x, weight(g, [32, 1, 3, 3])], { group: 32 })],
  ['ConvTranspose', [2, 8, 5, 5], (g, x) => g.op('ConvTranspose', [x, weight(g, [8, 16, 3, 3])], { strides: [2, 2] })],
  [
    'ConvTranspose of groups',
    [2, 8, 5, 5],
    (g, x) => g.op('ConvTranspose', [x, weight(g, [8, 8, 3, 3])], { group: 2 }),
  ],
  [
    'LSTM',
    [4, 2, 16],
    (g, x) => g.ops('LSTM', [x, weight(g, [1, 48, 16]), weight(g, [1, 48, 12], 5)], 2, { hidden_size: 12 })[1]!,
  ],
];

const built = ([, shape, emit]: Case, opset = 17): Graph => {
  const x = input('x', shape);
  return graphOf([x], (g) => [emit(g, x)], opset);
};

const zeros = (values: TypedArray): number => Array.from(values as Float32Array).filter((value) => value === 0).length;

describe.each(cases)('%s', (...row) => {
  const graph = built(row);
  const x = noisy(row[1], 7);

  test.each(['channel', 'tensor'])('weights by %s', async (scales) => {
    const { graph: made, tensors } = await converted(int8, graph, { scales });
    const weights = [...decodedWeights(made).values()];
    expect(weights).toHaveLength(tensors.length);
    for (const [i, { integers, scales: own }] of weights.entries()) {
      const stored = dataOf(integers) as Int8Array;
      const before = [...graph.initializers.entries()].find(([{ name }]) => name === tensors[i]!.name)![1];
      expect(zeros(stored)).toBeGreaterThanOrEqual(zeros(dataOf(before)));
      expect(own.length > 1).toBe(scales === 'channel');
      expect(tensors[i]!.error!.largest).toBeLessThanOrEqual(Math.max(...own) * 0.5001);
      expect(tensors[i]!.bytes.after).toBeLessThan(tensors[i]!.bytes.before);
      // the stored floats are gone
      expect([...made.initializers.values()]).not.toContain(before);
    }
    const y = await outputOf(made, { x }, { optimization: 'disabled' });
    expect(distance(y, await outputOf(decodedGraph(made), { x }, { optimization: 'disabled' }))).toBeLessThan(1e-5);
    expect(distance(await outputOf(made, { x }), await outputOf(graph, { x }))).toBeLessThan(0.03);
  });

  test('zeros stay zero in their places', async () => {
    const { graph: made, tensors } = await converted(int8, graph);
    for (const [i, { integers }] of [...decodedWeights(made).values()].entries()) {
      const before = [...graph.initializers].find(([{ name }]) => name === tensors[i]!.name)![1];
      const values = dataOf(before) as Float32Array;
      const [rows, columns] = before.shape as [number, number];
      const isTurned = String(integers.shape) !== String(before.shape);
      for (const [at, integer] of (dataOf(integers) as Int8Array).entries()) {
        const from = isTurned ? (at % rows) * columns + Math.floor(at / rows) : at;
        if (values[from] === 0) expect(integer).toBe(0);
      }
    }
  });

  test.each(['static', 'dynamic'])('%s activations come close', async (activations) => {
    const batches = [new Map([[graph.inputs[0]!, x]]), new Map([[graph.inputs[0]!, noisy(row[1], 8)]])];
    const { bits, rounding } = await bitsHere();
    const { graph: made } = await converted(int8, graph, { activations, bits }, { batches });
    expect(distance(await outputOf(made, { x }), await outputOf(graph, { x }))).toBeLessThan(0.05 * rounding);
  });
});

test('eight bits are said to be wrong where this processor saturates, seven never are', async () => {
  const x = input('x', [5, 48]);
  const graph = graphOf([x], (g) => [g.matmul(x, weight(g, [48, 32]))]);
  const notesOf = async (bits: number) => (await converted(int8, graph, { activations: 'dynamic', bits })).notes;
  const isSaid = (notes: readonly string[]): boolean => notes.some((note) => /saturate on this processor/.test(note));
  expect(isSaid(await notesOf(8))).toBe((await bitsHere()).bits === 7);
  expect(isSaid(await notesOf(7))).toBe(false);
});

describe('what the runtime computes in integers', () => {
  test.each<[string, string, Record<string, number>]>([
    ['MatMul', 'static', { QLinearMatMul: 1 }],
    ['MatMul of three axes', 'static', { QLinearMatMul: 1 }],
    ['MatMul with a bias', 'static', { QGemm: 1 }],
    ['Gemm', 'static', { QGemm: 1 }],
    ['Gemm of transB', 'static', { QGemm: 1 }],
    ['Conv', 'static', { QLinearConv: 1 }],
    ['Conv of groups', 'static', { QLinearConv: 1 }],
    ['Conv along one axis', 'static', { QLinearConv: 1 }],
    ['MatMul', 'dynamic', { DynamicQuantizeMatMul: 1 }],
    ['MatMul with a bias', 'dynamic', { DynamicQuantizeMatMul: 1 }],
    ['MatMul of a transposed weight', 'dynamic', { DynamicQuantizeMatMul: 1 }],
    ['Gemm of transB', 'dynamic', { DynamicQuantizeMatMul: 1 }],
  ])('%s, %s', async (name, activations, expected) => {
    const row = cases.find(([own]) => own === name)!;
    const x = noisy(row[1], 7);
    // a Relu that one node reads: left in floats, the runtime would compute all before it in floats
    const [, shape, emit] = row;
    const graph = built([name, shape, (g, value) => g.op('Neg', [g.op('Relu', [emit(g, value)])])]);
    const batches = [new Map([[graph.inputs[0]!, x]])];
    const { graph: made } = await converted(int8, graph, { activations }, { batches });
    expect(await kernels(made, { x })).toMatchObject(expected);
  });
});

test.each<[string, readonly (number | string)[], string]>([
  ['of fixed sizes, which the runtime joins with its bias', [2, 5, 48], 'QGemm'],
  ['of any sizes', ['batch', 'length', 48], 'MatMulIntegerToFloat'],
])('a product %s gives floats to who wants them', async (_, shape, kernel) => {
  const x = input('x', shape);
  const graph = graphOf([x], (g) => [g.op('Tanh', [g.add(g.matmul(x, weight(g, [48, 32])), g.floats(noise(32, 9)))])]);
  const fed = { x: noisy([2, 5, 48], 7) };
  const { graph: made } = await converted(int8, graph, { activations: 'static' }, { batches: [new Map([[x, fed.x]])] });
  expect(await kernels(made, fed)).toMatchObject({ [kernel]: 1, QuantizeLinear: 1 });
  expect(made.nodes.filter(({ op }) => op === 'QuantizeLinear')).toHaveLength(1);
});

describe('BatchNormalization behind Conv', () => {
  const x = input('x', [2, 8, 9, 9]);
  const graph = graphOf([x], (g) => {
    const y = g.op('Conv', [x, g.constant(pruned([16, 8, 3, 3]), 'weight')]);
    const statistics = [noise(16, 1), noise(16, 2), noise(16, 3), noise(16, 4).map((value) => value ** 2 + 0.5)];
    return [g.op('Relu', [g.op('BatchNormalization', [y, ...statistics.map((values) => g.floats(values))])])];
  });

  test('moves into it, and the weight keeps its name in the report and its zeros', async () => {
    const { graph: made, tensors } = await converted(int8, graph);
    expect(made.nodes.map(({ op }) => op)).toEqual(['DequantizeLinear', 'Conv', 'Relu']);
    expect(tensors.map(({ name }) => name)).toEqual(['test/weight']);
    const [only] = decodedWeights(made).values();
    expect(zeros(dataOf(only!.integers))).toBeGreaterThanOrEqual(16 * 8 * 9 * 0.5);
    expect(made.initializers.size).toBe(4);
    const fed = { x: noisy([2, 8, 9, 9], 7) };
    expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(0.01);
  });

  test('stays where the Conv is not chosen', async () => {
    const chosen = converted(int8, graph, {}, { isChosen: (...names) => !names.includes('test/weight') });
    await expect(chosen).rejects.toThrow(/found none/);
  });
});

test('a table that Gather reads too becomes integers once for both', async () => {
  const ids: Value = { name: 'ids', type: { dtype: 'int64', shape: [2, 3] } };
  const graph = graphOf([ids], (g) => {
    const table = g.constant(pruned([40, 16]), 'table');
    const rows = g.op('Gather', [table, ids]);
    return [g.matmul(rows, g.transpose(table, [1, 0]))];
  });
  const fed = { ids: int64([2, 3], [0, 5, 39, 7, 7, 1]) };
  for (const activations of ['none', 'dynamic', 'static']) {
    const batches = [new Map([[ids, fed.ids]])];
    const { graph: made, tensors } = await converted(int8, graph, { activations }, { batches });
    expect(tensors).toHaveLength(1);
    expect(
      [...made.initializers.values()].filter(
        ({ dtype, shape }) => dtype === 'float32' && shape.length > 1 && shape[1] !== 1,
      ),
    ).toEqual([]);
    expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(0.02);
  }
});

test('a weight that two nodes use is stored once', async () => {
  const x = input('x', [5, 48]);
  const graph = graphOf([x], (g) => {
    const shared = weight(g, [48, 48]);
    return [g.matmul(g.matmul(x, shared), shared)];
  });
  const { graph: made } = await converted(int8, graph);
  expect(
    [...made.initializers.values()].filter(({ dtype, shape }) => dtype === 'int8' && shape.length === 2),
  ).toHaveLength(1);
  const names = made.nodes.flatMap(({ outputs }) => outputs.map((value) => value!.name));
  expect(new Set(names).size).toBe(names.length);
});

describe('old and half models', () => {
  test('opset 11 has one scale for a weight, and says so', async () => {
    const { graph, notes } = await converted(int8, built(cases[8]!, 11));
    expect([...decodedWeights(graph).values()].map(({ scales }) => scales.length)).toEqual([1]);
    expect(notes.join()).toMatch(/per channel they need opset 13/);
  });

  test('a file that lists initializers among its inputs lists the new ones', async () => {
    const graph = built(cases[0]!);
    const listed = { ...graph, inputs: [...graph.inputs, ...graph.initializers.keys()] };
    const { graph: made } = await converted(int8, { ...modelOf(listed), irVersion: 3 });
    expect(made.inputs.map(({ name }) => name)).toEqual([
      'x',
      ...[...made.initializers.keys()].map(({ name }) => name),
    ]);
  });
});

describe('what is refused', () => {
  const [row] = cases as readonly [Case];
  const broken = (value: number): Graph => {
    const x = input('x', [5, 48]);
    const values = noise(48 * 32).fill(value, 7, 8);
    return graphOf([x], (g) => [g.matmul(x, g.constant(float32([48, 32], values), 'weight'))]);
  };

  test.each<[string, Graph, Record<string, string>, RegExp, number]>([
    ['opset 9', built(row, 9), {}, /expected a model of opset 10 or newer, got 9/, 3],
    ['no data', built(row), { activations: 'static' }, /expected calibration data for static activations, got none/, 2],
    [
      'no weight',
      graphOf([input('x', [3])], (g) => [g.op('Relu', [input('x', [3])])].slice(0, 0)),
      {},
      /found none/,
      3,
    ],
    ['NaN', broken(Number.NaN), {}, /weight 'test\/weight': expected finite numbers, got NaN at element/, 2],
    ['infinity', broken(Number.NEGATIVE_INFINITY), {}, /expected finite numbers, got -Infinity/, 2],
  ])('%s', async (_, graph, given, message, exitCode) => {
    const asked = converted(int8, graph, given);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toMatchObject({ exitCode });
  });

  test('calibration data that overflow', async () => {
    const graph = built(row);
    const batches = [new Map([[graph.inputs[0]!, float32([5, 48], noise(240).fill(Number.NaN))]])];
    await expect(converted(int8, graph, { activations: 'static' }, { batches })).rejects.toThrow(
      /value 'x': expected finite numbers on the calibration data, got NaN/,
    );
    await expect(converted(int8, graph, { activations: 'static' }, { batches: [] })).rejects.toThrow(
      /at least one batch/,
    );
  });
});
