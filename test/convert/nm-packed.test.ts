import { describe, expect, test } from 'vitest';
import { nmDense } from '../../src/convert/nm-dense.js';
import { nmPacked } from '../../src/convert/nm-packed.js';
import type { Model } from '../../src/ir/types.js';
import { dataOf, float32, tensor } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { modelOf, pruned, taskOn, withWeights } from './sparse-weights.js';
import { cnn, expectSame, files, gpt, refusal } from './weight-files.js';

describe('nm-packed', () => {
  test('reports which weights do not fit, and where', async () => {
    const model = pruned(cnn, 2, 4);
    const broken = withWeights(model, (t, name) => {
      if (name !== 'net/fc1.weight') return t;
      const values = new Float32Array(dataOf(t) as Float32Array);
      values.set([1, 1, 1, 0], 784 * 3 + 8);
      return float32(t.shape, values);
    });
    const made = await files['nm-packed'](taskOn(broken));
    expect(made.notes).toEqual([
      "'net/conv1.weight' stays dense: groups of 4 need as many consecutive input channels at a kernel position, it has 1",
      "'net/fc1.weight' stays dense: columns 8 to 11 of output 3 hold 3 values other than zero, 2:4 allows 2; 1 of 9408 groups break it",
    ]);
    await expectSame(made, broken);
  });

  test('takes half the bytes and two bits a value', async () => {
    const made = await files['nm-packed'](taskOn(pruned(gpt, 2, 4)));
    const [first] = made.tensors.filter(({ to }) => to === '2:4');
    expect(first).toMatchObject({
      from: 'float32',
      bytes: { before: 192 * 576 * 4, after: 192 * 288 * 4 + (192 * 288) / 4 },
    });
  });

  test.each([
    [4, 8],
    [1, 4],
    [3, 5],
  ])('%d:%d', async (n, m) => {
    const model = pruned(gpt, n, m);
    const made = await nmPacked.convert(taskOn(model), { n, m });
    expect(made.tensors.filter(({ to }) => to === `${n}:${m}`)).toHaveLength(25);
    await expectSame(made, model);
  });

  test('weights behind DequantizeLinear fit where their zero point is 0', async () => {
    const quantized = (zeroPoint: number): Model => {
      const [x, w, real, scale, zero, y] = ['x', 'w', 'real', 'scale', 'zero', 'y'].map((name) => ({ name }));
      const values = Int8Array.from({ length: 4096 }, (_, i) =>
        i % 64 < 32 && Math.floor(i / 64) % 2 ? 5 : zeroPoint,
      );
      return modelOf(
        graphOf({
          inputs: [typed('x', [1, 64])].map((value) => Object.assign(x!, value)),
          outputs: [y!],
          nodes: [node('DequantizeLinear', [w!, scale!, zero!], [real!]), node('MatMul', [x!, real!], [y!])],
          initializers: new Map([
            [w!, tensor('int8', [64, 64], values)],
            [scale!, float32([], Float32Array.of(0.1))],
            [zero!, tensor('int8', [], Int8Array.of(zeroPoint))],
          ]),
        }),
      );
    };
    await expectSame(await files['nm-packed'](taskOn(quantized(0))), quantized(0));
    const error = await refusal(files['nm-packed'](taskOn(quantized(3))));
    expect(error.message).toMatch(/^model: expected weight matrices with groups of 4 inputs/);
    // dense kernels see what is dequantised
    const verified = await nmDense.convert(taskOn(quantized(3)), { n: 2, m: 4, partial: false });
    expect(verified.tensors.map(({ name }) => name)).toEqual(['w']);
  });
});
