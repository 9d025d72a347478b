import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { withProgram } from '../../src/runtime/program.js';
import { placeWeights } from '../../src/runtime/weights.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { dataOf, float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** The same tensor in a file at `offset`; reading it through JavaScript is an error. */
function inFile(t: Tensor, offset: number, path = join(folder, `${files++}.bin`)): Tensor {
  const bytes = t.payload.read();
  writeFileSync(path, Buffer.concat([Buffer.alloc(offset, 0xff), bytes]));
  const read = () => {
    throw new Error('the weight was read');
  };
  return { ...t, payload: { byteLength: bytes.byteLength, read, file: { path, offset, length: bytes.byteLength } } };
}

async function outputs(graph: Graph, fed: ReadonlyMap<Value, Tensor>): Promise<number[][]> {
  return withProgram(graph, { threads: 2 }, async (program) => {
    await program.run(fed);
    const results = await program.run(fed);
    return graph.outputs.map((output) => Array.from(dataOf(results.get(output)!), Number));
  });
}

const w: Value = { name: 'w' };
const y: Value = { name: 'y' };

interface Case {
  readonly op: string;
  readonly x: Tensor;
  readonly w: Tensor;
  readonly nodes?: (x: Value) => readonly Node[];
  readonly attributes?: Parameters<typeof node>[3];
  readonly rest?: readonly Tensor[];
}

const doubles = (shape: readonly number[]): Tensor =>
  tensor('float64', shape, Float64Array.from(dataOf(waves(shape)) as Float32Array));
/** Halves of small numbers: sign, exponent 0..15, any fraction. */
const halves = (shape: readonly number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    'float16',
    shape,
    Uint16Array.from({ length: count }, (_, i) => (i * 40503) & 0xb7ff),
  );
};
const ints = (shape: readonly number[]): Tensor =>
  int64(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 31) % 97),
  );
const bytes = (shape: readonly number[], dtype: DataType = 'int8'): Tensor =>
  tensor(
    dtype,
    shape,
    Int8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 31) % 97),
  );

const cases: Case[] = [
  { op: 'MatMul', x: waves([5, 64]), w: waves([64, 33]) },
  { op: 'MatMul', x: doubles([5, 64]), w: doubles([64, 33]) },
  { op: 'MatMul', x: halves([5, 64]), w: halves([64, 33]) },
  { op: 'MatMul', x: ints([5, 64]), w: ints([64, 33]) },
  { op: 'Gemm', x: waves([5, 64]), w: waves([33, 64]), attributes: { transB: 1 } },
  { op: 'Add', x: waves([3, 2049]), w: waves([2049]) },
  { op: 'Mul', x: waves([3, 2049]), w: waves([3, 2049]) },
  { op: 'Add', x: doubles([3, 1025]), w: doubles([1025]) },
  { op: 'Add', x: halves([3, 2049]), w: halves([3, 2049]) },
  { op: 'Mul', x: ints([3, 1025]), w: ints([1025]) },
  { op: 'Pow', x: waves([3, 2049]), w: waves([2049]) },
  { op: 'Conv', x: waves([1, 8, 9, 9]), w: waves([16, 8, 3, 3]) },
  { op: 'Conv', x: waves([1, 128, 9, 9]), w: waves([128, 1, 3, 3]), attributes: { group: 128 } },
  { op: 'Conv', x: waves([1, 16, 40]), w: waves([16, 16, 8]) },
  { op: 'ConvTranspose', x: waves([1, 8, 9, 9]), w: waves([8, 16, 3, 3]) },
  { op: 'PRelu', x: waves([3, 2049]), w: waves([2049]) },
  {
    op: 'Gather',
    x: int64([4], [0, 7, 3, 31]),
    w: waves([32, 65]),
    nodes: (x) => [node('Gather', [w, x], [y])],
  },
  {
    op: 'Gather of float64',
    x: int64([2], [0, 31]),
    w: doubles([32, 33]),
    nodes: (x) => [node('Gather', [w, x], [y])],
  },
  { op: 'Gather of int64', x: int64([2], [0, 31]), w: ints([32, 33]), nodes: (x) => [node('Gather', [w, x], [y])] },
  {
    op: 'Transpose, Cast, ReduceSum, Concat, Where',
    x: waves([37, 31]),
    w: waves([31, 37]),
    nodes(x) {
      const [t, c, s, k, g]: Value[] = ['t', 'c', 's', 'k', 'g'].map((name) => ({ name }));
      return [
        node('Transpose', [w], [t!], { perm: [1, 0] }),
        node('Greater', [x, t!], [g!]),
        node('Where', [g!, t!, x], [s!]),
        node('Cast', [w], [c!], { to: 11 }),
        node('Cast', [c!], [k!], { to: 1 }),
        node('MatMul', [s!, k!], [y]),
      ];
    },
  },
  {
    op: 'LayerNormalization',
    x: waves([3, 1025]),
    w: waves([1025]),
  },
  {
    op: 'DequantizeLinear',
    x: waves([3, 64]),
    w: bytes([64, 65]),
    nodes(x) {
      const d: Value = { name: 'd' };
      return [node('DequantizeLinear', [w, { name: 'rest0' }], [d]), node('MatMul', [x, d], [y])];
    },
    rest: [float32([], Float32Array.of(0.1))],
  },
  {
    op: 'LSTM',
    x: waves([4, 2, 8]),
    w: waves([1, 128, 8]),
    nodes: (x) => [node('LSTM', [x, w, { name: 'rest0' }], [y], { hidden_size: 32 })],
    rest: [waves([1, 128, 32])],
  },
];

describe('weights at any offset of a file', () => {
  for (const offset of [0, 1, 2, 4, 4096 + 7]) {
    test.each(cases)(`$op of $w.dtype at ${offset}`, async ({ op, x, w: weight, nodes, attributes, rest = [] }) => {
      const input = typed('x', x.shape, x.dtype);
      const list = nodes?.(input) ?? [node(op, [input, w], [y], attributes)];
      const named = new Map(rest.map((t, i) => [`rest${i}`, t]));
      const extra = new Map<Value, Tensor>();
      for (const value of list.flatMap(({ inputs }) => inputs)) {
        const t = value && named.get(value.name);
        if (t) extra.set(value, t);
      }
      const made = (t: Tensor): Graph =>
        graphOf({ inputs: [input], outputs: [y], nodes: list, initializers: new Map([[w, t], ...extra]) });
      expect(weight.payload.byteLength).toBeGreaterThanOrEqual(4096);
      const fed = new Map([[input, x]]);
      expect(await outputs(made(inFile(weight, offset)), fed)).toEqual(await outputs(made(weight), fed));
    });
  }
});

describe('placeWeights', () => {
  const big = waves([2000]);
  const x = typed('x', [2000]);
  const add = (weights: readonly Tensor[]): Graph => {
    const initializers = new Map(weights.map((t, i) => [{ name: `w${i}` }, t] as const));
    let last: Value = x;
    const nodes = [...initializers.keys()].map((value, i) => node('Add', [last, value], [(last = { name: `s${i}` })]));
    return graphOf({ inputs: [x], outputs: [last], nodes, initializers });
  };

  test('files of one folder by offset, small ones and those in memory embedded', async () => {
    const [first, second, memory] = [inFile(big, 3), inFile(big, 5), waves([2000], 0.1)];
    const graph = add([first, second, memory]);
    const { folder: named, buffers, external } = placeWeights(graph);
    expect([named, buffers]).toEqual([folder, []]);
    expect(external(first)).toMatchObject({ offset: 3, length: 8000 });
    expect([external(memory), external(waves([3]))]).toEqual([undefined, undefined]);
    const fed = new Map([[x, big]]);
    expect(await outputs(graph, fed)).toEqual(await outputs(add([big, big, memory]), fed));
  });

  test('files of a second folder are read; links are followed', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    const lone = inFile(big, 3, join(other, 'lone.bin'));
    const link = join(other, 'link.bin');
    const first = inFile(big, 7);
    symlinkSync(first.payload.file!.path, link);
    const linked: Tensor = { ...first, payload: { ...first.payload, file: { ...first.payload.file!, path: link } } };
    const graph = add([linked, inFile(big, 9), lone]);
    expect(placeWeights(graph).folder).toBe(folder);
    await expect(outputs(graph, new Map([[x, big]]))).rejects.toThrow('the weight was read');
    const readable: Tensor = { ...lone, payload: { ...lone.payload, read: () => big.payload.read() } };
    expect(await outputs(add([linked, inFile(big, 9), readable]), new Map([[x, big]]))).toEqual(
      await outputs(add([big, big, big]), new Map([[x, big]])),
    );
  });

  test('too much memory to embed goes as buffers, files too', () => {
    const huge: Tensor = {
      dtype: 'float32',
      shape: [2 ** 29],
      payload: { byteLength: 2 ** 31, read: () => new Uint8Array(4) },
    };
    const file: Tensor = { ...big, payload: { ...big.payload, file: inFile(big, 1).payload.file! } };
    const { folder: named, buffers, external } = placeWeights(add([huge, file]));
    expect(named).toBeUndefined();
    expect(buffers.map(({ path }) => path)).toEqual(['buffer-0', 'buffer-1']);
    expect(external(file)).toEqual({ location: 'buffer-1', offset: 0, length: 8000 });
  });
});
