/** Layers whose weights lie otherwise than a product's: fused attention, recurrent layers, convolutions with groups. */
import { describe, expect, test } from 'vitest';
import type { Dimension, Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../helpers/tiny-gpt.js';
import { arraysIn, expectMasked, expectOnlyLayersDiffer, exported, pruneFile, storedPairs } from './exported.js';

const width = 16;
const steps = 6;

/** A network from `x` to `y`; `emit` returns what has the shape of the output. */
function network(
  shape: readonly Dimension[],
  outputs: readonly Dimension[],
  emit: (g: Builder, x: Value) => Value,
): Graph {
  const g = new Builder([], 'n');
  const x: Value = { name: 'x', type: { dtype: 'float32', shape } };
  const y: Value = { name: 'y', type: { dtype: 'float32', shape: outputs } };
  const last = emit(g, x);
  g.nodes.push({ name: 'last', op: 'Identity', domain: '', inputs: [last], outputs: [y], attrs: {} });
  return {
    name: 'net',
    inputs: [x],
    outputs: [y],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([
      ['', 17],
      ['com.microsoft', 1],
    ]),
    functions: [],
  };
}

const weight = (g: Builder, name: string, ...shape: number[]): Value => {
  const values = floatsOf(normals(shape, name));
  return g.constant(
    float32(
      shape,
      values.map((value) => value * 0.3),
    ),
    name,
  );
};

const sequence = ['batch', steps, width] as const;
/** Columns of very different sizes, so that the wrong ones would give other masks. */
const uneven = (count: number): Tensor =>
  float32(
    [count, steps, width],
    floatsOf(normals([count, steps, width])).map((value, i) => value * 1.5 ** (i % width)),
  );

describe('com.microsoft.Attention', () => {
  const heads = 2;
  const fused = network(sequence, sequence, (g, x) => {
    const packed = weight(g, 'qkv', width, 3 * width);
    const bias = weight(g, 'bias', 3 * width);
    const [y] = g.ops('Attention', [x, packed, bias], 1, { num_heads: heads }, 'com.microsoft') as [Value];
    return g.matmul(y, weight(g, 'out', width, width));
  });
  const decomposed = network(sequence, sequence, (g, x) => {
    const all = g.add(g.matmul(x, weight(g, 'qkv', width, 3 * width)), weight(g, 'bias', 3 * width));
    const part = (i: number): Value =>
      g.transpose(
        g.reshape(g.slice(all, [i * width], [(i + 1) * width], [2]), [0, 0, heads, width / heads]),
        [0, 2, 1, 3],
      );
    const scores = g.mul(g.matmul(part(0), g.transpose(part(1), [0, 1, 3, 2])), g.scalar((width / heads) ** -0.5));
    const mixed = g.matmul(g.op('Softmax', [scores], { axis: -1 }), part(2));
    const joined = g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [0, 0, width]);
    return g.matmul(joined, weight(g, 'out', width, width));
  });

  test.each(['wanda', 'sparsegpt', 'ria'] as const)('%s prunes it as it prunes its parts', async (method) => {
    const results = [];
    for (const graph of [fused, decomposed]) {
      const file = await exported(graph);
      const result = await pruneFile(file, {
        method,
        calibration: arraysIn(file.folder, { x: uneven(12) }),
        layers: { include: ['n/qkv', 'n/out'], exclude: [] },
      });
      await expectOnlyLayersDiffer(result);
      results.push(result);
    }
    const [one, many] = results.map((result) => storedPairs(result).map(([, , after]) => after));
    one!.flat().forEach((value, i) => {
      expect(Math.abs(value - many!.flat()[i]!)).toBeLessThan(1e-3);
    });
    const [a, b] = results.map(({ after }) => after);
    const { outputs } = await compare(a!, b!, { parts: ['outputs'], tolerance: 1e-3 });
    expect(outputs?.outputs).toMatchObject([{ name: 'y', isWithin: true }]);
  });
});

describe('recurrent layers', () => {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;
  const cases = (['LSTM', 'GRU', 'RNN'] as const).flatMap((op) =>
    (['forward', 'reverse', 'bidirectional'] as const).map((direction) => [op, direction] as const),
  );
  test.each(cases)('%s, %s: half of each row of W and R', async (op, direction) => {
    const directions = direction === 'bidirectional' ? 2 : 1;
    const hidden = 8;
    const graph = network(sequence, [steps, directions, 'batch', hidden], (g, x) => {
      const w = weight(g, 'w', directions, gates[op] * hidden, width);
      const r = weight(g, 'r', directions, gates[op] * hidden, hidden);
      return g.op(op, [g.transpose(x, [1, 0, 2]), w, r], { direction, hidden_size: hidden });
    });
    const file = await exported(graph);
    const samples = uneven(5);
    const calibration = arraysIn(file.folder, { x: samples });
    const result = await pruneFile(file, { calibration, layers: { include: ['n/w', 'n/r'], exclude: [] } });
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    const [[, before, after], [, , recurrent]] = storedPairs(result) as [Pair, Pair];
    expect(after).toEqual(wandaByHand(before, floatsOf(samples), width));
    for (const row of rowsOf(recurrent, hidden)) expect(zeros(row)).toBe(hidden / 2);
    const updated = await pruneFile(file, { method: 'sparsegpt', calibration });
    for (const { sparsity } of updated.report.layers) expect(sparsity.after).toBeCloseTo(0.5, 2);
  });
});

describe('convolutions with groups', () => {
  const [channels, outputs, groups, kernel] = [8, 4, 2, 3];
  const image = ['batch', channels, 6, 6] as const;

  test('ConvTranspose is pruned as the convolution that it equals', async () => {
    const kernels = normals([channels, outputs / groups, kernel, kernel], 'kernels');
    const transposed = network(image, ['batch', outputs, 8, 8], (g, x) =>
      g.op('ConvTranspose', [x, g.constant(kernels, 'weight')], { group: groups }),
    );
    const convolution = network(image, ['batch', outputs, 8, 8], (g, x) =>
      g.op('Conv', [x, g.constant(asConvolution(kernels, groups), 'weight')], { group: groups, pads: [2, 2, 2, 2] }),
    );
    const pruned = [];
    for (const graph of [transposed, convolution]) {
      const file = await exported(graph);
      const result = await pruneFile(file, { calibration: arraysIn(file.folder, { x: normals([5, 8, 6, 6]) }) });
      await expectOnlyLayersDiffer(result);
      expectMasked(result);
      pruned.push(result.after);
    }
    const { outputs: compared } = await compare(pruned[0]!, pruned[1]!, { parts: ['outputs'] });
    expect(compared?.outputs).toMatchObject([{ name: 'y', isWithin: true }]);
  });

  test('ERK counts the sizes of a kernel, whatever the groups', async () => {
    const graph = network(image, ['batch', 8, 6, 6], (g, x) => {
      const pads = [1, 1, 1, 1];
      const deep = g.op('Conv', [x, weight(g, 'deep', channels, 1, 3, 3)], { group: channels, pads });
      const wide = g.op('Conv', [g.op('Relu', [deep]), weight(g, 'wide', 64, channels, 3, 3)], { pads });
      return g.op('Conv', [g.op('Relu', [wide]), weight(g, 'last', channels, 64, 1, 1)]);
    });
    const file = await exported(graph);
    const allocation = { kind: 'erk', overrides: [] } as const;
    const pattern = { kind: 'unstructured', sparsity: 0.9 } as const;
    const layers = { include: ['n/wide', 'n/last'], exclude: [] };
    const { report } = await pruneFile(file, { method: 'magnitude', allocation, layers, pattern });
    const raw = [(64 + channels + 3 + 3) / (64 * channels * 9), (channels + 64 + 1 + 1) / (64 * channels)];
    const [wide, last] = report.layers.map(({ sparsity }) => 1 - sparsity.asked);
    expect(wide! / last!).toBeCloseTo(raw[0]! / raw[1]!, 5);
  });

  test('a depthwise convolution does not fit 2:4 and is left alone with the reason', async () => {
    const graph = network(image, ['batch', 8, 6, 6], (g, x) => {
      const deep = g.op('Conv', [x, weight(g, 'deep', channels, 1, 3, 3)], { group: channels, pads: [1, 1, 1, 1] });
      const point = g.op('Conv', [g.op('Relu', [deep]), weight(g, 'point', channels, channels, 1, 1)]);
      return g.op('Conv', [g.op('Relu', [point]), weight(g, 'last', channels, channels, 1, 1)]);
    });
    const file = await exported(graph);
    const calibration = arraysIn(file.folder, { x: normals([5, 8, 6, 6]) });
    const { report, before, after } = await pruneFile(file, { calibration, pattern: { kind: 'n:m', n: 2, m: 4 } });
    expect(report.layers.map(({ sparsity }) => sparsity.after)).toEqual([0, 0.5]);
    expect(report.layers[0]?.notes.join()).toMatch(/^left as it was: .*4/);
    expect(report.warnings.join()).toMatch(/left alone$/);
    const { weights } = await compare(before, after, { parts: ['weights'] });
    expect(weights?.different.map(({ name }) => name)).toEqual(['n/point']);
  });
});

type Pair = ReturnType<typeof storedPairs>[number];

const rowsOf = (values: readonly number[], columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));

const zeros = (values: readonly number[]): number => values.filter((value) => value === 0).length;

/** Half of each row removed by |w| times the norm of the column that all rows see. */
function wandaByHand(weights: readonly number[], data: Float32Array, columns: number): number[] {
  const norms = new Float64Array(columns);
  data.forEach((value, i) => {
    norms[i % columns]! += value * value;
  });
  return rowsOf(weights, columns).flatMap((row) => {
    const scores = row.map((value, i) => Math.abs(value) * Math.sqrt(norms[i]!));
    const limit = [...scores].sort((a, b) => a - b)[columns / 2]!;
    return row.map((value, i) => (scores[i]! < limit ? 0 : value));
  });
}

/** The kernels [C, M/group, k, k] of a transposed convolution as those [M, C/group, k, k] of a plain one. */
function asConvolution(t: Tensor, groups: number): Tensor {
  const [channels, perGroup, k] = t.shape as [number, number, number];
  const values = floatsOf(t);
  const inputs = channels / groups;
  const turned = new Float32Array(values.length);
  let at = 0;
  for (let group = 0; group < groups; group++)
    for (let output = 0; output < perGroup; output++)
      for (let input = 0; input < inputs; input++)
        for (let position = k * k - 1; position >= 0; position--)
          turned[at++] = values[((group * inputs + input) * perGroup + output) * k * k + position]!;
  return float32([perGroup * groups, inputs, k, k], turned);
}
