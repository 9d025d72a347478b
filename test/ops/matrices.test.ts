import { describe, expect, test } from 'vitest';
import type { AttrInput } from '../../src/ir/node.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { fromMatrices, toMatrices } from '../../src/ops/layout.js';
import { readMatrices, settleMatrices, storageError, storeMatrices } from '../../src/ops/matrices.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { dataOf, float32, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphOf, input, noise } from './graphs.js';

const x = input('x', ['b', 4]);

const layerOf = (stored: Tensor): Layer => {
  const graph = graphOf([x], (g) => {
    const w = g.constant(stored);
    return [g.matmul(x, stored.dtype === 'float32' ? w : g.op('Cast', [w], { to: 1 }))];
  });
  return findLayers(graph).layers[0] as Layer;
};

test('toMatrices and fromMatrices undo each other', () => {
  const layout = { view: [2, 3, 5, 7], perm: [2, 0, 3, 1], stacks: 5, rows: 14, columns: 3 };
  const values = noise(210);
  const matrices = toMatrices(layout, values);
  expect(matrices[((4 * 2 + 1) * 7 + 6) * 3 + 2]).toBe(values[((1 * 3 + 2) * 5 + 4) * 7 + 6]);
  expect(fromMatrices(layout, matrices)).toEqual(values);
});

describe.each(['float32', 'float16', 'bfloat16', 'float64'] as const)('storeMatrices of %s', (dtype) => {
  const precise =
    dtype === 'float64'
      ? tensor(
          dtype,
          [4, 3],
          Float64Array.from(noise(12), (v) => v + 1e-12),
        )
      : undefined;
  const stored = precise ?? tensorOf(dtype, [4, 3], noise(12));
  const layer = layerOf(stored);
  const matrices = readMatrices(layer);
  const ones = new Uint8Array(12).fill(1);

  test('returns the stored bits when nothing changes', () => {
    expect(storeMatrices(layer, matrices, ones).payload.read()).toEqual(stored.payload.read());
  });

  test('settleMatrices also gives what a reader of the new tensor gets', () => {
    const mask = ones.with(7, 0);
    const changed = matrices
      .with(7, 5)
      .with(1, 1 / 3)
      .with(3, -0);
    const { tensor: settled, after } = settleMatrices(layer, changed, mask, matrices);
    expect(settled.payload.read()).toEqual(storeMatrices(layer, changed, mask).payload.read());
    expect(new Uint8Array(after.buffer)).toEqual(new Uint8Array(readMatrices(layer, settled).buffer));
  });

  test('writes +0 where masked, rounds what changed and keeps the rest', () => {
    const mask = ones.slice();
    mask[2] = 0;
    const changed = matrices.slice();
    changed[2] = -3;
    changed[5] = 1 / 3;
    const after = storeMatrices(layer, changed, mask);
    const [before, now] = [dataOf(stored), dataOf(after)];
    const differ = [...now.keys()].filter((i) => now[i] !== before[i]);
    // matrices [3, 4] are stored as [4, 3]: (0, 2) lies at 6 and (1, 1) at 4
    expect(differ).toEqual([4, 6]);
    expect(now[6]).toBe(0);
    expect(Object.is(Number(now[6]), -0)).toBe(false);
    expect(floatsOf(after)[4]).toBe(floatsOf(tensorOf(dtype, [1], Float32Array.of(1 / 3)))[0]);
    const error = storageError(layer, changed, mask, after);
    expect(error).toBe(Math.abs(floatsOf(after)[4]! - Math.fround(1 / 3)));
  });
});

const scales = (shape: readonly number[]): Tensor =>
  float32(
    shape,
    noise(
      shape.reduce((a, b) => a * b, 1),
      9,
    ).map((v) => 0.05 + Math.abs(v) / 10),
  );

interface Quantised {
  readonly name: string;
  readonly dtype: 'int8' | 'uint8' | 'int4' | 'uint4';
  readonly scale: readonly number[];
  readonly attributes: Record<string, AttrInput>;
  readonly hasZeroPoint: boolean;
}

const quantised: readonly Quantised[] = [
  { name: 'per tensor', dtype: 'int8', scale: [], attributes: {}, hasZeroPoint: false },
  { name: 'per tensor with zero point', dtype: 'uint8', scale: [], attributes: {}, hasZeroPoint: true },
  { name: 'per row', dtype: 'int8', scale: [4], attributes: { axis: 0 }, hasZeroPoint: true },
  { name: 'per column', dtype: 'uint8', scale: [6], attributes: { axis: -1 }, hasZeroPoint: true },
  { name: 'blocked', dtype: 'int8', scale: [2, 6], attributes: { axis: 0, block_size: 2 }, hasZeroPoint: true },
  {
    name: 'blocked of four bits',
    dtype: 'int4',
    scale: [4, 2],
    attributes: { axis: 1, block_size: 3 },
    hasZeroPoint: true,
  },
  {
    name: 'blocked, unsigned',
    dtype: 'uint4',
    scale: [4, 2],
    attributes: { axis: 1, block_size: 3 },
    hasZeroPoint: true,
  },
];

describe.each(quantised)('a weight quantised $name ($dtype)', ({ dtype, scale, attributes, hasZeroPoint }) => {
  const isSigned = !dtype.startsWith('u');
  const spread = dtype.endsWith('8') ? 100 : 7;
  const whole = (count: number, seed: number, most: number): Float32Array =>
    noise(count, seed).map((v) => Math.round((isSigned ? v : Math.abs(v)) * most));
  const stored = tensorOf(dtype, [4, 6], whole(24, 4, spread));
  const zeros = tensorOf(
    dtype,
    scale,
    whole(
      scale.reduce((a, b) => a * b, 1),
      6,
      3,
    ),
  );
  const graph = graphOf(
    [x],
    (g) => {
      const inputs = [g.constant(stored), g.constant(scales(scale)), ...(hasZeroPoint ? [g.constant(zeros)] : [])];
      const real = g.op('DequantizeLinear', inputs, attributes);
      return [g.matmul(x, real), real];
    },
    21,
  );
  const layer = findLayers(graph).layers[0] as Layer;

  test('reads as the runtime dequantises it', async () => {
    const real = await withProgram(graph, {}, async (program) =>
      floatsOf((await program.run(new Map([[x, float32([1, 4], noise(4))]]))).get(graph.outputs[1]!)!),
    );
    expect(readMatrices(layer)).toEqual(toMatrices(layer.layout, real));
  });

  test('unchanged weights keep their bits, masked ones become zero, changed ones move less than a step', () => {
    const matrices = readMatrices(layer);
    const mask = new Uint8Array(24).fill(1);
    expect(storeMatrices(layer, matrices, mask).payload.read()).toEqual(stored.payload.read());
    mask[3] = 0;
    const changed = matrices.slice();
    changed[7]! += 0.06;
    changed[8] = 1e9;
    const after = storeMatrices(layer, changed, mask);
    const back = readMatrices(layer, after);
    expect(back[3]).toBe(0);
    expect(Math.abs(back[7]! - changed[7]!)).toBeLessThan(0.151 / 2);
    expect(back[8]).toBeLessThan(60);
    const others = [...back.keys()].filter((i) => ![3, 7, 8].includes(i));
    for (const i of others) expect(back[i]).toBe(matrices[i]);
    expect(storageError(layer, changed, mask, after)).toBeGreaterThan(1e8);
  });
});
