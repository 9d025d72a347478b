import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import type { Builder } from '../../src/ops/builder.js';
import { ops } from '../../src/ops/catalogue.js';
import { findLayers } from '../../src/ops/layers.js';
import { readMatrices } from '../../src/ops/matrices.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { tensor } from '../../src/tensor/tensor.js';
import { contrib, graphOf, input, noise, noisy } from './graphs.js';

const x = input('x', ['b', 4]);

/** The graph of the nodes that `emit` makes around data `x` [b, 4]. */
const around = (emit: (g: Builder) => readonly Value[]): Graph => graphOf([x], emit);

const stored = (dtype: DataType, shape: readonly number[]) =>
  tensorOf(
    dtype,
    shape,
    noise(
      shape.reduce((a, b) => a * b, 1),
      3,
    ).map((value) => value * 8),
  );

describe('findLayers follows a weight to where it is stored', () => {
  test.each<[string, (g: Builder) => readonly Value[]]>([
    [
      'a Constant node',
      (g) => [g.matmul(x, g.op('Constant', [], { value: { kind: 'tensor', value: noisy([4, 3]) } }))],
    ],
    ['Identity', (g) => [g.matmul(x, g.op('Identity', [g.constant(noisy([4, 3]))]))]],
    ['Cast from float16', (g) => [g.matmul(x, g.op('Cast', [g.constant(stored('float16', [4, 3]))], { to: 1 }))]],
    ['Cast from bfloat16', (g) => [g.matmul(x, g.op('Cast', [g.constant(stored('bfloat16', [4, 3]))], { to: 1 }))]],
    ['Squeeze', (g) => [g.matmul(x, g.squeeze(g.constant(noisy([1, 4, 3])), [0]))]],
    [
      'Unsqueeze and Flatten',
      (g) => [g.matmul(x, g.op('Flatten', [g.unsqueeze(g.constant(noisy([4, 3])), [1])], { axis: -2 }))],
    ],
  ])('%s', (_, emit) => {
    const { layers, skipped } = findLayers(around(emit));
    expect(skipped).toEqual([]);
    expect(layers).toHaveLength(1);
    const { layout, stored: t } = layers[0]!;
    expect([layout.stacks, layout.rows, layout.columns]).toEqual([1, 3, 4]);
    const values = floatsOf(t);
    const expected = Float32Array.from({ length: 12 }, (_value, i) => values[(i % 4) * 3 + Math.floor(i / 4)]!);
    expect(readMatrices(layers[0]!)).toEqual(expected);
  });

  test('conversions of the data type are undone in the columns', () => {
    const half: Value = { name: 'h', type: { dtype: 'float16', shape: ['b', 4] } };
    const graph = graphOf([half], (g) => [g.matmul(half, g.constant(stored('float16', [4, 3])))]);
    const emitted: string[] = [];
    const op = (name: string): Value => {
      emitted.push(name);
      return half;
    };
    const recorder = { reshape: () => half, op } as unknown as Builder;
    findLayers(graph).layers[0]!.uses[0]!.columns(recorder);
    expect(emitted).toEqual(['Cast']);
  });
});

describe('findLayers joins the uses of one weight', () => {
  test('one layer, several uses, equal keys for equal data', () => {
    const graph = around((g) => {
      const [w, v] = [g.constant(noisy([4, 4])), g.constant(noisy([4, 4], 2))];
      const h = g.matmul(x, w);
      return [g.matmul(h, w), g.matmul(x, v)];
    });
    const { layers } = findLayers(graph);
    expect(layers.map(({ uses, role }) => [uses.map(({ key }) => key), role])).toEqual([
      [['rows of x', 'rows of test/MatMul'], 'matrix'],
      [['rows of x'], 'matrix'],
    ]);
  });

  test('convolutions of different windows have different keys', () => {
    const image = input('image', ['n', 2, 8, 8]);
    const graph = graphOf([image], (g) =>
      [1, 3].map((size) => g.op('Conv', [image, g.constant(noisy([2, 2, size, size]))])),
    );
    expect(new Set(findLayers(graph).layers.map(({ uses }) => uses[0]!.key)).size).toBe(2);
  });

  test('a head that shares its tensor with an embedding is tied', () => {
    const ids: Value = { name: 'ids', type: { dtype: 'int64', shape: ['b'] } };
    const graph = graphOf([ids], (g) => {
      const table = g.constant(noisy([7, 4]));
      return [g.matmul(g.op('Gather', [table, ids]), g.transpose(table, [1, 0]))];
    });
    const { layers } = findLayers(graph);
    expect(layers.map(({ role, layout }) => [role, layout.rows, layout.columns])).toEqual([['embedding-tied', 7, 4]]);
  });

  test.each<[string, (g: Builder, w: Value) => readonly Value[]]>([
    ['is an output', (g, w) => [g.matmul(x, w), w]],
    ['is added', (g, w) => [g.matmul(x, w), g.add(w, w)]],
    ['is the data of its own product', (g, w) => [g.matmul(w, w), g.matmul(x, w)]],
  ])('so is one that %s', (_, emit) => {
    const { layers } = findLayers(around((g) => emit(g, g.constant(noisy([4, 4])))));
    expect(layers.map(({ role }) => role)).toEqual(['embedding-tied']);
  });

  test('asking for its shape does not tie it', () => {
    const graph = around((g) => {
      const w = g.constant(noisy([4, 4]));
      return [g.matmul(x, w), g.op('Shape', [w])];
    });
    expect(findLayers(graph).layers[0]!.role).toBe('matrix');
  });
});

describe('findLayers knows the fused ops of com.microsoft', () => {
  test.each([
    ['GemmFastGelu', [1]],
    ['Attention', [1]],
    ['PackedAttention', [1]],
    ['LongformerAttention', [1, 4]],
  ] as const)('%s', (op, inputs) => {
    const data = input('x', ['b', 's', 4]);
    const graph = graphOf([data], (g) => {
      const all = Array.from({ length: 7 }, (_, i) =>
        (inputs as readonly number[]).includes(i) ? g.constant(noisy([4, 12], i)) : i === 0 ? data : null,
      );
      return [contrib(g, op, all)];
    });
    const { layers } = findLayers(graph);
    const found = layers.map(({ layout, uses }) => [layout.rows, layout.columns, uses[0]!.input, uses[0]!.key]);
    expect(found).toEqual(inputs.map((at) => [12, 4, at, 'rows of x']));
  });

  test('but not a product that moves its batch axis', () => {
    const graph = around((g) => [contrib(g, 'FusedMatMul', [x, g.constant(noisy([4, 3]))], { transBatchA: 1 })]);
    expect(findLayers(graph).skipped[0]!.reason).toContain('transBatchA');
  });
});

describe('findLayers says why a weight is skipped', () => {
  const int8 = tensor('int8', [4, 3], new Int8Array(12));
  test.each<[string, (g: Builder) => readonly Value[]]>([
    [
      'is used with different layouts',
      (g) => {
        const w = g.constant(noisy([4, 4]));
        return [g.matmul(x, w), g.matmul(x, g.transpose(w, [1, 0]))];
      },
    ],
    ['batch of matrices', (g) => [g.matmul(g.unsqueeze(x, [0]), g.constant(noisy([2, 4, 3])))]],
    ['is a vector', (g) => [g.matmul(x, g.constant(noisy([4])))]],
    ['is empty', (g) => [g.matmul(x, g.constant(noisy([4, 0])))]],
    ['computed from constants by Mul', (g) => [g.matmul(x, g.mul(g.constant(noisy([4, 3])), g.scalar(2)))]],
    ['stored as int8 without', (g) => [g.matmul(x, g.op('Cast', [g.constant(int8)], { to: 1 }))]],
    [
      'not a plain rearrangement',
      (g) => [g.matmul(x, g.reshape(g.transpose(g.constant(noisy([2, 6])), [1, 0]), [4, 3]))],
    ],
    ['export the model in QDQ form', (g) => [g.op('MatMulInteger', [g.op('Cast', [x], { to: 3 }), g.constant(int8)])]],
    ['Einsum', (g) => [g.op('Einsum', [x, g.constant(noisy([4, 3]))], { equation: 'bi,ij->bj' })]],
    ['packed in blocks', (g) => [contrib(g, 'MatMulNBits', [x, g.constant(int8), g.scalar(1)])]],
    [
      "stands in a subgraph of If 'test/If'",
      (g) => {
        const w = g.constant(noisy([4, 3]));
        const body = graphOf([], (inner) => [inner.matmul(x, w)]);
        const branch = { kind: 'graph', value: body } as const;
        const always = g.constant(tensor('bool', [], Uint8Array.of(1)));
        return g.ops('If', [always], 1, { then_branch: branch, else_branch: branch });
      },
    ],
  ])('%s', (reason, emit) => {
    const { layers, skipped } = findLayers(around(emit));
    expect(layers).toEqual([]);
    expect(skipped.length).toBeGreaterThan(0);
    for (const skip of skipped) expect(skip.reason).toContain(reason);
  });

  test.each(Object.keys(ops))('%s without a constant is no layer and no complaint', (op) => {
    const [domain, name] = op.includes('.') ? ['com.microsoft', op.split('.').at(-1)!] : ['', op];
    const inputs = Array.from({ length: 6 }, (_, i) => input(`x${i}`, ['b', 4, 5]));
    const graph = graphOf(inputs, (g) => g.ops(name, inputs, 1, {}, domain));
    expect(findLayers(graph)).toEqual({ layers: [], skipped: [] });
  });
});
