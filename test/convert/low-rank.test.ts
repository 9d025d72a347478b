import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lowRank } from '../../src/convert/low-rank.js';
import { openSamples } from '../../src/data/open.js';
import { batchesOf } from '../../src/data/samples.js';
import { classification } from '../../src/evaluate/classification.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { svd } from '../../src/linalg/jacobi-svd.js';
import { load } from '../../src/onnx/load.js';
import type { Builder } from '../../src/ops/builder.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { dataOf, float32, type Tensor } from '../../src/tensor/tensor.js';
import { root } from '../data/models.js';
import { graphOf, input, noise, noisy } from '../ops/graphs.js';
import { bundled, converted, distance, outputOf } from './asked.js';

/** A matrix of that rank, in a shape whose first axis is its rows. */
function ofRank(rank: number, [rows, ...rest]: readonly [number, ...number[]]): Tensor {
  const columns = rest.reduce((product, size) => product * size, 1);
  const [a, b] = [noise(rows * rank, 1), noise(rank * columns, 2)];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += a[Math.floor(i / columns) * rank + k]! * b[k * columns + (i % columns)]!;
    return sum;
  });
  return float32([rows, ...rest], values);
}

const weight = (g: Builder, shape: readonly [number, ...number[]]): Value => g.constant(ofRank(3, shape), 'weight');

type Case = readonly [name: string, shape: readonly number[], ops: string, emit: (g: Builder, x: Value) => Value];

const cases: readonly Case[] = [
  ['MatMul', [5, 40], 'MatMul MatMul', (g, x) => g.matmul(x, weight(g, [40, 32]))],
  ['MatMul of three axes', [2, 5, 40], 'MatMul MatMul', (g, x) => g.matmul(x, weight(g, [40, 32]))],
  [
    'MatMul of a transposed weight',
    [5, 40],
    'MatMul MatMul',
    (g, x) => g.matmul(x, g.transpose(weight(g, [32, 40]), [1, 0])),
  ],
  ['Gemm', [5, 40], 'MatMul Gemm', (g, x) => g.op('Gemm', [x, weight(g, [40, 32]), g.floats(noise(32, 9))])],
  [
    'Gemm of transB',
    [5, 40],
    'MatMul Gemm',
    (g, x) => g.op('Gemm', [x, weight(g, [32, 40]), g.floats(noise(32, 9))], { transB: 1 }),
  ],
  [
    'pointwise Conv',
    [2, 24, 7, 7],
    'Conv Conv',
    (g, x) => g.op('Conv', [x, weight(g, [20, 24, 1, 1]), g.floats(noise(20, 9))], { strides: [2, 2] }),
  ],
  [
    'Conv',
    [2, 8, 9, 9],
    'Conv Conv',
    (g, x) =>
      g.op('Conv', [x, weight(g, [20, 8, 3, 3]), g.floats(noise(20, 9))], {
        pads: [1, 0, 1, 2],
        strides: [2, 1],
        dilations: [1, 2],
      }),
  ],
  [
    'Conv along one axis',
    [2, 8, 20],
    'Conv Conv',
    (g, x) => g.op('Conv', [x, weight(g, [20, 8, 5])], { auto_pad: 'SAME_UPPER', kernel_shape: [5] }),
  ],
];

describe.each(cases)('%s', (_, shape, ops, emit) => {
  const x = input('x', shape);
  const graph = graphOf([x], (g) => [emit(g, x)]);
  const fed = { x: noisy(shape, 7) };

  test('of rank three is two nodes that compute the same', async () => {
    const { graph: made, tensors } = await converted(lowRank, graph, { rank: 3 });
    expect(made.nodes.map(({ op }) => op).join(' ')).toBe(ops);
    expect(tensors[0]).toMatchObject({ name: 'test/weight', to: expect.stringMatching(/^rank 3 of/) });
    expect(tensors[0]!.error!.relative).toBeLessThan(1e-5);
    expect(tensors[0]!.bytes.after).toBeLessThan(tensors[0]!.bytes.before);
    const weights = [...made.initializers.values()].filter((each) => each.shape.length > 1);
    expect(weights.reduce((sum, { payload }) => sum + payload.byteLength, 0)).toBe(tensors[0]!.bytes.after);
    expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(1e-5);
  });

  test('takes that rank where all of its energy is asked for', async () => {
    const { tensors } = await converted(lowRank, graph, { energy: 0.9999999 });
    expect(tensors[0]!.to).toMatch(/^rank 3 of/);
  });

  test('fitted to outputs is the same function as well', async () => {
    const batches = [new Map([[x, fed.x]]), new Map([[x, noisy(shape, 8)]])];
    const { graph: made } = await converted(lowRank, graph, { rank: 3, fit: 'outputs' }, { batches });
    expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(1e-4);
  });
});

/** A product of a matrix of full rank [K, N]. */
function full(K: number, N: number, values = noise(K * N, 3)): Graph {
  const x = input('x', ['samples', K]);
  return graphOf([x], (g) => [g.matmul(x, g.constant(float32([K, N], values), 'weight'))]);
}

describe('what is left out', () => {
  test.each([2, 5, 9])('at rank %i is what the singular values say', async (rank) => {
    const [K, N] = [30, 24];
    const { tensors } = await converted(lowRank, full(K, N), { rank });
    const { s } = svd(noise(K * N, 3), K, N);
    const squares = s.map((each) => each * each);
    const sum = (values: Float64Array): number => values.reduce((total, each) => total + each, 0);
    expect(tensors[0]!.error!.relative).toBeCloseTo(Math.sqrt(sum(squares.subarray(rank)) / sum(squares)), 6);
  });

  test('by outputs is less of them, and more of the weight', async () => {
    const [K, N] = [40, 32];
    const graph = full(K, N);
    // inputs of very different sizes
    const x = float32(
      [64, K],
      noise(64 * K, 5).map((value, i) => value * (1 + ((i % K) % 8) ** 2)),
    );
    const y = await outputOf(graph, { x });
    const results = [];
    for (const fit of ['weights', 'outputs']) {
      const { graph: made, tensors } = await converted(
        lowRank,
        graph,
        { rank: 8, fit },
        { batches: [new Map([[graph.inputs[0]!, x]])] },
      );
      results.push({ outputs: distance(await outputOf(made, { x }), y), weights: tensors[0]!.error!.relative });
    }
    expect(results[1]!.outputs).toBeLessThan(0.9 * results[0]!.outputs);
    expect(results[1]!.weights).toBeGreaterThan(results[0]!.weights);
    // no other rank 8 does better than the singular values of what comes out
    const { s } = svd(y, 64, N);
    const squares = [...s].map((each) => each * each);
    const least = squares.slice(8).reduce((sum, each) => sum + each, 0) / squares.reduce((sum, each) => sum + each, 0);
    expect(results[1]!.outputs).toBeCloseTo(Math.sqrt(least), 4);
  });

  test('a share of the energy takes the least rank that has it', async () => {
    const [K, N] = [30, 24];
    const { s } = svd(noise(K * N, 3), K, N);
    const squares = [...s].map((each) => each * each);
    const total = squares.reduce((sum, each) => sum + each, 0);
    const { tensors } = await converted(lowRank, full(K, N), { energy: 0.5 });
    const rank = Number(/^rank (\d+)/.exec(tensors[0]!.to)![1]);
    const kept = (count: number): number => squares.slice(0, count).reduce((sum, each) => sum + each, 0) / total;
    expect([kept(rank) >= 0.5, kept(rank - 1) < 0.5]).toEqual([true, true]);
  });

  test('zeros are, and a note says so', async () => {
    const values = noise(30 * 24, 3).map((value, i) => (i % 2 === 0 ? 0 : value));
    const { notes } = await converted(lowRank, full(30, 24, values));
    expect(notes[0]).toBe('360 of 720 weights were zero, and products of factors are not: sparsity is lost here');
  });
});

describe('what is refused', () => {
  const x = input('x', [1, 8, 6, 6]);
  test.each<[string, Graph, Record<string, string | number>, RegExp, number]>([
    ['a rank that saves nothing', full(30, 24), { rank: 14 }, /two factors of that rank are no smaller/, 3],
    ['an energy that takes all', full(30, 24), { energy: 0.9999 }, /takes a rank that saves nothing/, 3],
    ['zeros', full(30, 24, new Float32Array(720)), {}, /it is all zeros; prune it away/, 3],
    [
      'groups',
      graphOf([x], (g) => [g.op('Conv', [x, g.constant(noisy([16, 2, 3, 3]), 'w')], { group: 4 })]),
      {},
      /it has groups/,
      3,
    ],
    [
      'wide kernels',
      graphOf([x], (g) => [g.op('Conv', [x, g.constant(noisy([32, 8, 3, 3]), 'w')])]),
      { kernels: 'pointwise' },
      /wider than a point/,
      3,
    ],
    [
      'NaN',
      full(30, 24, noise(720).fill(Number.NaN, 9, 10)),
      {},
      /weight 'test\/weight': expected finite numbers, got NaN/,
      2,
    ],
    ['no data', full(30, 24), { fit: 'outputs' }, /expected calibration data to fit outputs, got none/, 2],
  ])('%s', async (_, graph, given, message, exitCode) => {
    const asked = converted(lowRank, graph, given);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toMatchObject({ exitCode });
  });
});

test('a weight that two nodes use is factorised once', async () => {
  const x = input('x', [5, 40]);
  const graph = graphOf([x], (g) => ((w) => [g.matmul(g.matmul(x, w), w)])(weight(g, [40, 40])));
  const { graph: made } = await converted(lowRank, graph, { rank: 3 });
  expect([made.nodes.length, made.initializers.size]).toEqual([4, 2]);
});

describe('bundled models', () => {
  test.each([
    ['mnist-cnn', [4, 1, 28, 28]],
    ['cbf-fcn', [4, 1, 128]],
  ])('%s is smaller, and its first factors are of the rank asked for', async (name, shape) => {
    const { graph, before, tensors } = await converted(lowRank, bundled(name), { rank: 0.9 });
    const bytes = (of: Graph): number =>
      [...of.initializers.values()].reduce((sum, { payload }) => sum + payload.byteLength, 0);
    expect(bytes(graph)).toBeLessThan(bytes(before));
    expect(tensors.every(({ error }) => error!.relative < 0.7)).toBe(true);
    const y = await outputOf(graph, { input: float32(shape, noise(shape.reduce((a, b) => a * b)).map(Math.abs)) });
    expect(y.every(Number.isFinite)).toBe(true);
  });

  test('cbf-fcn classifies as before with a fifth of its weights gone', async () => {
    const { graph } = load(bundled('cbf-fcn'));
    const calibration = await openSamples(graph, [join(root, 'calibration/cbf-train.tsv')]);
    const heldOut = await openSamples(graph, [join(root, 'calibration/cbf-test.tsv')]);
    const { graph: made } = await converted(
      lowRank,
      bundled('cbf-fcn'),
      { rank: 0.8, fit: 'outputs' },
      { batches: batchesOf(calibration, 16) },
    );
    const [before, after] = [await classification(graph, heldOut), await classification(made, heldOut)];
    expect(after.top1).toBeGreaterThanOrEqual(before.top1 - 0.02);
  });

  test('stored factors multiply to what the report says', async () => {
    const { graph, before, tensors } = await converted(lowRank, bundled('iris'));
    for (const { name, error } of tensors) {
      const stored = [...before.initializers].find(([value]) => value.name === name)![1];
      const [first, second] = ['first', 'second'].map(
        (part) => [...graph.initializers].find(([value]) => value.name.endsWith(`${name}/${part}`))![1],
      );
      const [columns, rank] = first!.shape as [number, number];
      const rows = second!.shape[1]!;
      const [a, b, w] = [floatsOf(first!), floatsOf(second!), dataOf(stored) as Float32Array];
      let [lost, all] = [0, 0];
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < rows; j++) {
          let sum = 0;
          for (let k = 0; k < rank; k++) sum += a[i * rank + k]! * b[k * rows + j]!;
          const value = stored.shape[0] === columns ? w[i * rows + j]! : w[j * columns + i]!;
          lost += (sum - value) ** 2;
          all += value ** 2;
        }
      if (rows !== columns) expect(Math.sqrt(lost / all)).toBeCloseTo(error!.relative, 4);
    }
  });
});
