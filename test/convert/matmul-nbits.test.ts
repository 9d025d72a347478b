import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matMulNBits } from '../../src/convert/matmul-nbits.js';
import { type BlockForm, quantiseBlocks } from '../../src/convert/quantise/blockwise.js';
import { intAttr } from '../../src/ir/node.js';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import type { Builder } from '../../src/ops/builder.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { dataOf, float32, int64 } from '../../src/tensor/tensor.js';
import { graphOf, input, noise, noisy } from '../ops/graphs.js';
import { bundled, converted, distance, kernels, outputOf } from './asked.js';

/** The matrix [outputs, inputs] of a MatMulNBits node by plain loops over its bytes, from the op's specification. */
function decode(graph: Graph, node: Node): Float32Array {
  const [K, N, bits, block] = ['K', 'N', 'bits', 'block_size'].map((name) => intAttr(node, name, 0)) as [
    number,
    number,
    number,
    number,
  ];
  const [codes, scales, zeros] = node.inputs.slice(1).map((value) => value && graph.initializers.get(value));
  const bytes = dataOf(codes!) as Uint8Array;
  const scale = floatsOf(scales!);
  const zero = zeros ? (dataOf(zeros) as Uint8Array) : undefined;
  const blocks = Math.ceil(K / block);
  const read = (from: Uint8Array, start: number, at: number): number => {
    const perByte = 8 / bits;
    return (from[start + Math.floor(at / perByte)]! >> ((at % perByte) * bits)) & (2 ** bits - 1);
  };
  const w = new Float32Array(N * K);
  for (let n = 0; n < N; n++)
    for (let k = 0; k < K; k++) {
      const at = Math.floor(k / block);
      const code = read(bytes, (n * blocks + at) * ((block * bits) / 8), k % block);
      const middle = zero ? read(zero, n * Math.ceil((blocks * bits) / 8), at) : 2 ** (bits - 1);
      w[n * K + k] = (code - middle) * scale[n * blocks + at]!;
    }
  return w;
}

/** x [m, K] times w [N, K] transposed. */
function times(x: Float32Array, w: Float32Array, K: number): Float32Array {
  const [m, N] = [x.length / K, w.length / K];
  const y = new Float32Array(m * N);
  for (let i = 0; i < m; i++)
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += x[i * K + k]! * w[n * K + k]!;
      y[i * N + n] = sum;
    }
  return y;
}

const packedNodes = (graph: Graph): Node[] => graph.nodes.filter(({ op }) => op === 'MatMulNBits');

/** A third of them zero, [K, N]. */
const sparse = (K: number, N: number) =>
  float32(
    [K, N],
    noise(K * N, 3).map((value, i) => (i % 3 === 0 ? 0 : value)),
  );

const product = (K: number, N: number, rows = [3]): Graph => {
  const x = input('x', [...rows, K]);
  return graphOf([x], (g) => [g.matmul(x, g.constant(sparse(K, N), 'weight'))]);
};

const forms = ['4', '8'].flatMap((bits) =>
  ['16', '32', '64', '128'].flatMap((block) => [true, false].map((symmetric) => ({ bits, block, symmetric }))),
);

describe.each(forms)('$bits bits, blocks of $block, symmetric $symmetric', (given) => {
  test.each([
    [128, 24],
    [200, 24],
  ])('the runtime computes what the bytes say, K = %i', async (K, N) => {
    const graph = product(K, N);
    const x = noisy([3, K], 7);
    const { graph: made, tensors } = await converted(matMulNBits, graph, { ...given, accuracy: 1 });
    const [node] = packedNodes(made);
    const w = decode(made, node!);
    expect(distance(await outputOf(made, { x }), times(dataOf(x) as Float32Array, w, K))).toBeLessThan(1e-5);
    const before = dataOf(graph.initializers.values().next().value!) as Float32Array;
    let largest = 0;
    for (let n = 0; n < N; n++)
      for (let k = 0; k < K; k++) {
        if (before[k * N + n] === 0) expect(w[n * K + k] === 0).toBe(true);
        largest = Math.max(largest, Math.abs(before[k * N + n]! - w[n * K + k]!));
      }
    expect(largest).toBeCloseTo(tensors[0]!.error!.largest, 6);
    expect(tensors[0]!.error!.relative).toBeLessThan(given.bits === '4' ? 0.13 : 0.01);
    expect(made.opsets.get('com.microsoft')).toBe(1);
    expect(made.initializers.size).toBe(given.symmetric ? 2 : 3);
  });
});

const dense = (g: Builder, shape: readonly number[]): Value => g.constant(noisy(shape, 3), 'weight');

describe('forms of products', () => {
  const float = (value: number) => ({ kind: 'float', value }) as const;
  test.each<[string, number[], (g: Builder, x: Value) => Value, number]>([
    ['MatMul of three axes', [2, 3, 64], (g, x) => g.matmul(x, dense(g, [64, 48])), 1],
    ['MatMul of a transposed weight', [3, 64], (g, x) => g.matmul(x, g.transpose(dense(g, [48, 64]), [1, 0])), 1],
    [
      'Gemm of transB with a bias',
      [3, 64],
      (g, x) => g.op('Gemm', [x, dense(g, [48, 64]), g.floats(noise(48, 5))], { transB: 1 }),
      2,
    ],
    ['Gemm with one bias for all', [3, 64], (g, x) => g.op('Gemm', [x, dense(g, [64, 48]), g.scalar(0.5)]), 2],
    ['one weight in two products', [3, 64], (g, x) => ((w) => g.matmul(g.matmul(x, w), w))(dense(g, [64, 64])), 2],
  ])('%s', async (_, shape, emit, nodes) => {
    const x = input('x', shape);
    const graph = graphOf([x], (g) => [emit(g, x)]);
    const { graph: made } = await converted(matMulNBits, graph, { bits: '8' });
    expect(made.nodes).toHaveLength(nodes);
    expect([...made.initializers.values()].filter(({ dtype }) => dtype === 'uint8')).toHaveLength(1);
    const fed = { x: noisy(shape, 7) };
    expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(0.02);
    expect((await kernels(made, fed)).MatMulNBits).toBeGreaterThan(0);
  });

  test.each<[string, number[], (g: Builder, x: Value) => Value]>([
    ['alpha', [3, 64], (g, x) => g.op('Gemm', [x, dense(g, [64, 48])], { alpha: float(2) })],
    ['transA', [64, 3], (g, x) => g.op('Gemm', [x, dense(g, [64, 48])], { transA: 1 })],
    ['the weight on the left', [64, 3], (g, x) => g.matmul(dense(g, [48, 64]), x)],
    ['a vector', [64], (g, x) => g.matmul(x, dense(g, [64, 48]))],
    ['Conv', [1, 8, 6, 6], (g, x) => g.op('Conv', [x, dense(g, [16, 8, 3, 3])])],
    ['a few weights', [3, 4], (g, x) => g.matmul(x, dense(g, [4, 3]))],
  ])('%s is left, and said so', async (_, shape, emit) => {
    const x = input('x', shape);
    const graph = graphOf([x], (g) => [emit(g, x)]);
    await expect(converted(matMulNBits, graph)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/^matmul-nbits: .*found none \('test\/weight' left as stored: .*choose int8/),
    });
    const both = graphOf([x, input('z', [2, 64])], (g) => [
      g.op('Identity', [emit(g, x)]),
      g.matmul(input('z', [2, 64]), g.constant(noisy([64, 32]), 'other')),
    ]);
    const other = { ...both, inputs: [x, both.nodes.at(-1)!.inputs[0]!] };
    const { tensors, notes } = await converted(matMulNBits, other);
    expect(tensors.map(({ name }) => name)).toEqual(['test/other']);
    expect(notes.join('\n')).toMatch(/'test\/weight' left as stored/);
  });
});

test('a table that Gather reads too is left, or packed beside it', async () => {
  const ids: Value = { name: 'ids', type: { dtype: 'int64', shape: [3] } };
  const graph = graphOf([ids], (g) => {
    const table = g.constant(noisy([64, 32]), 'table');
    return [g.matmul(g.op('Gather', [table, ids]), g.transpose(table, [1, 0]))];
  });
  await expect(converted(matMulNBits, graph)).rejects.toThrow(/tied=copy makes one/);
  const { graph: made, tensors, notes } = await converted(matMulNBits, graph, { tied: 'copy', bits: '8' });
  expect(tensors[0]!.bytes.after).toBeGreaterThan(tensors[0]!.bytes.before);
  expect(notes.join()).toMatch(/packed copies cost \d+ bytes/);
  const fed = { ids: int64([3], [0, 5, 63]) };
  expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(0.02);
});

test('weights of half precision keep scales of it', async () => {
  const x: Value = { name: 'x', type: { dtype: 'float16', shape: [3, 64] } };
  const graph = graphOf([x], (g) => [g.matmul(x, g.constant(tensorOf('float16', [64, 48], noise(64 * 48)), 'weight'))]);
  const { graph: made } = await converted(matMulNBits, graph, { bits: '8' });
  expect([...made.initializers.values()].map(({ dtype }) => dtype)).toEqual(['uint8', 'float16']);
  const fed = { x: tensorOf('float16', [3, 64], noise(192, 7)) };
  expect(distance(await outputOf(made, fed), await outputOf(graph, fed))).toBeLessThan(0.02);
});

test('NaN is refused', async () => {
  const x = input('x', [3, 64]);
  const values = noise(64 * 48).fill(Number.NaN, 5, 6);
  const graph = graphOf([x], (g) => [g.matmul(x, g.constant(float32([64, 48], values), 'weight'))]);
  await expect(converted(matMulNBits, graph)).rejects.toThrow(
    /weight 'test\/weight': expected finite numbers, got NaN/,
  );
});

describe('blocks', () => {
  const matrices = fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(4 as const, 8 as const),
      fc.boolean(),
    )
    .chain(([rows, columns, bits, isSymmetric]) =>
      fc.tuple(
        fc.constant({ rows, columns, bits, block: 16, isSymmetric, round: Math.fround }),
        fc.array(fc.oneof(fc.constant(0), fc.float({ min: -1e5, max: 1e5, noNaN: true })), {
          minLength: rows * columns,
          maxLength: rows * columns,
        }),
      ),
    );

  test('keep zeros; max stays within half a step, and mse is never worse', () => {
    fc.assert(
      fc.property(matrices, ([form, numbers]) => {
        const values = Float32Array.from(numbers);
        const lost = (scale: BlockForm['scale']): number => {
          const { decoded, scales } = quantiseBlocks(values, { ...form, scale });
          const blocks = Math.ceil(form.columns / form.block);
          let sum = 0;
          for (const [i, value] of values.entries()) {
            const own = scales[Math.floor(i / form.columns) * blocks + Math.floor((i % form.columns) / form.block)]!;
            if (value === 0) expect(decoded[i] === 0).toBe(true);
            // an end of the range is half a step away where the zero point is rounded
            if (scale === 'max') expect(Math.abs(decoded[i]! - value)).toBeLessThanOrEqual(Math.abs(own) * 1.0001);
            sum += (decoded[i]! - value) ** 2;
          }
          return sum;
        };
        expect(lost('mse')).toBeLessThanOrEqual(lost('max') * 1.0001);
      }),
      { seed: 17 },
    );
  });
});

test('gpt-sotu by 4 bits: 25 products, close to before', async () => {
  const { graph, before, tensors } = await converted(matMulNBits, bundled('gpt-sotu'));
  expect(packedNodes(graph)).toHaveLength(25);
  const sum = (part: 'before' | 'after') => tensors.reduce((total, { bytes }) => total + bytes[part], 0);
  expect(sum('after') / sum('before')).toBeCloseTo(5 / 32, 2);
  const fed = {
    input_ids: int64(
      [1, 16],
      Array.from({ length: 16 }, (_, i) => (i * 131) % 2048),
    ),
  };
  expect(distance(await outputOf(graph, fed), await outputOf(before, fed))).toBeLessThan(0.1);
});
