/** Calibration data as it should not be: too little, with dead inputs, with what is no number. */
import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { normals, tinyGpt, tinyTokens } from '../helpers/tiny-gpt.js';
import {
  arraysIn,
  expectMasked,
  expectOnlyLayersDiffer,
  exported,
  pruneFile,
  storedPairs,
  tokensIn,
} from './exported.js';

const width = 16;

/** Three products with Relu between; the first sees the data itself. */
function mlp(): Graph {
  const g = new Builder([], 'n');
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: ['batch', width] } };
  const y: Value = { name: 'y', type: { dtype: 'float32', shape: ['batch', width] } };
  const product = (h: Value, name: string): Value => g.matmul(h, g.constant(normals([width, width], name), name));
  const h = g.op('Relu', [product(g.op('Relu', [product(x, 'first')]), 'second')]);
  g.nodes.push({
    name: 'head',
    op: 'MatMul',
    domain: '',
    inputs: [h, g.constant(normals([width, width], 'head'), 'head')],
    outputs: [y],
    attrs: {},
  });
  return {
    name: 'mlp',
    inputs: [x],
    outputs: [y],
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 17]]),
    functions: [],
  };
}

const dead = [2, 3, 11];

const withDead = (t: Tensor): Tensor =>
  float32(
    t.shape,
    floatsOf(t).map((value, i) => (dead.includes(i % width) ? 0 : value)),
  );

const withValue = (t: Tensor, at: number, value: number): Tensor => {
  const values = floatsOf(t).slice();
  values[at] = value;
  return float32(t.shape, values);
};

describe('inputs that are always zero', () => {
  test.each(['wanda', 'sparsegpt', 'ria'] as const)('%s removes their weights first', async (method) => {
    const file = await exported(mlp());
    const calibration = arraysIn(file.folder, { x: withDead(normals([64, width])) });
    const result = await pruneFile(file, { method, calibration });
    await expectOnlyLayersDiffer(result);
    const [[, , first]] = storedPairs(result) as [[string, number[], number[]]];
    // stored as [inputs, outputs]
    for (const input of dead) expect(first.slice(input * width, (input + 1) * width)).toEqual(Array(width).fill(0));
    expect(first.filter((value) => value === 0)).toHaveLength((width * width) / 2);
    if (method === 'sparsegpt') {
      expect(result.report.layers[0]?.notes).toContain('3 of 16 inputs are zero in every calibration sample');
    }
  });

  test.each(['wanda', 'sparsegpt'] as const)('%s still removes half when all are', async (method) => {
    const file = await exported(mlp());
    const calibration = arraysIn(file.folder, { x: float32([4, width], new Float32Array(4 * width)) });
    const { report } = await pruneFile(file, { method, calibration });
    expect(report.layers.map(({ sparsity }) => sparsity.after)).toEqual([0.5, 0.5]);
  });
});

describe('few samples', () => {
  test.each([1, 3])('%i are enough for every criterion', async (count) => {
    const file = await exported(mlp());
    const calibration = arraysIn(file.folder, { x: normals([count, width]) });
    for (const method of ['wanda', 'ria', 'sparsegpt'] as const) {
      const result = await pruneFile(file, { method, calibration });
      await expectOnlyLayersDiffer(result);
      if (method !== 'sparsegpt') expectMasked(result);
      for (const [, , after] of storedPairs(result)) expect(after.every(Number.isFinite)).toBe(true);
      expect(result.report.layers.map(({ sparsity }) => sparsity.after)).toEqual([0.5, 0.5]);
    }
  });

  test('a Gram matrix without damping is damped as far as it must be, and the report says so', async () => {
    const file = await exported(mlp());
    const calibration = arraysIn(file.folder, { x: normals([3, width]) });
    const { report, said } = await pruneFile(file, {
      method: 'sparsegpt',
      methodOptions: { damping: 0 },
      calibration,
    });
    expect(report.layers[0]?.notes.join()).toMatch(/damping raised from 0 to 0\.\d+/);
    expect(said.join()).toMatch(/n\/first: damping raised from 0 to/);
  });

  test('fewer than a run takes are one run', async () => {
    const file = await exported(tinyGpt());
    const calibration = tokensIn(file.folder, tinyTokens(3));
    const one = await pruneFile(file, { calibration, engine: { provider: 'cpu', threads: 2, batch: 64 } });
    const each = await pruneFile(file, { calibration, engine: { provider: 'cpu', threads: 2, batch: 1 } }, 'each');
    expect(storedPairs(one)).toEqual(storedPairs(each));
  });
});

describe('what is no number', () => {
  test('NaN in the data is an error that names the file, the sample and the place', async () => {
    const file = await exported(mlp());
    const calibration = arraysIn(file.folder, { x: withValue(normals([8, width]), 3 * width + 5, Number.NaN) });
    await expect(pruneFile(file, { method: 'wanda', calibration })).rejects.toThrow(
      /arrays\.npz: 'x': expected numbers, got NaN in sample 3 at \[5\]; fill it in or leave the sample out$/,
    );
  });

  test('infinity in the data is an error that names the layer and the input', async () => {
    const file = await exported(mlp());
    const infinite = withValue(normals([8, width]), 3 * width + 5, Number.POSITIVE_INFINITY);
    const calibration = arraysIn(file.folder, { x: infinite });
    for (const method of ['wanda', 'sparsegpt'] as const) {
      await expect(pruneFile(file, { method, calibration })).rejects.toThrow(
        /^prune 'n\/first': the \w+ at row \d+, column 5 is -?(Infinity|NaN); look for NaN or overflow in the model and the calibration data$/,
      );
    }
  });

  test('a weight that is NaN is an error that names the layer', async () => {
    const graph = mlp();
    const initializers = new Map(
      [...graph.initializers].map(([value, t]) => [
        value,
        value.name === 'n/second' ? withValue(t, 17, Number.NaN) : t,
      ]),
    );
    const file = await exported({ ...graph, initializers });
    const calibration = arraysIn(file.folder, { x: normals([8, width]) });
    await expect(pruneFile(file, { calibration })).rejects.toThrow(/^prune 'n\/second': .*weight.*NaN/);
  });
});
