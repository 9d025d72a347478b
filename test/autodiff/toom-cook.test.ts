/** Convolutions by tiles and points: values and gradients of the plain ones, to some roundings. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.js';
import { typesOf } from '../../src/autodiff/prepare.js';
import { isWorthTiling, tiledConvolution } from '../../src/autodiff/toom-cook.js';
import { emptyGraph } from '../../src/ir/graph.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { namesIn } from '../../src/ops/builder.js';
import { Tape } from '../../src/ops/tape.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';

const [samples, channels, outputs] = [3, 5, 4];

/** The convolution of [1, channels, samples, length], by tiles or as one op, and the gradients of its sum of squares. */
async function valuesOf(kernel: number, length: number, [begin, end]: readonly [number, number], isTiled: boolean) {
  const x: Value = { name: 'x', type: { dtype: 'float32', shape: [1, channels, samples, length] } };
  const weight: Value = { name: 'w', type: { dtype: 'float32', shape: [outputs, channels, kernel] } };
  const empty = emptyGraph('convolution', [x, weight]);
  const types = new Map([x, weight].map((value) => [value, value.type!]));
  const g = new Tape(empty, { types, taken: namesIn(empty), backward: () => new Map() });
  const y = isTiled
    ? tiledConvolution(g, x, weight, { outputs, channels, kernel, length, begin, end })
    : g.op('Conv', [x, g.unsqueeze(weight, [2])], { pads: [0, begin, 0, end] });
  const loss = g.op('ReduceSumSquare', [y], { keepdims: 0 });
  const graph: Graph = g.appendTo(empty);
  const { graph: whole, gradients } = grad(graph, loss, [x, weight], { types: await typesOf(graph) });
  const made = [y, ...gradients.values()];
  return withProgram({ ...whole, outputs: made }, { threads: 1 }, async ({ run }) => {
    const fed = [x, weight].map((value) => {
      const shape = value.type!.shape as readonly number[];
      return [value, float32(shape, random(2, value.name).normals(sizeOf(shape)))] as const;
    });
    const results = await run(new Map(fed));
    return made.map((value) => ({
      shape: results.get(value)!.shape,
      values: Float32Array.from(floatsOf(results.get(value)!)),
    }));
  });
}

describe('tiledConvolution', () => {
  test.each<[number, number, readonly [number, number]]>([
    [3, 12, [1, 1]],
    [3, 13, [0, 0]],
    [2, 9, [1, 0]],
    [5, 46, [2, 2]],
    [5, 7, [4, 0]],
    [4, 10, [1, 2]],
    [8, 24, [3, 4]],
    [8, 8, [0, 0]],
    [10, 11, [4, 5]],
    [13, 30, [0, 12]],
  ])('%i taps, length %i, padded by %j', async (kernel, length, pads) => {
    const [plain, tiled] = [await valuesOf(kernel, length, pads, false), await valuesOf(kernel, length, pads, true)];
    for (const [i, { shape, values }] of plain.entries()) {
      expect(tiled[i]!.shape).toEqual(shape);
      const scale = Math.max(...values.map(Math.abs));
      const worst = Math.max(...values.map((each, j) => Math.abs(each - tiled[i]!.values[j]!)));
      expect(worst).toBeLessThanOrEqual(1e-5 * scale);
    }
  });

  test.each<[number, number, number, boolean]>([
    [1, 128, 7, false],
    [128, 128, 1, false],
    [32, 32, 3, false],
    [128, 256, 5, true],
    [256, 128, 3, true],
    [64, 64, 5, true],
    [64, 128, 8, true],
    [32, 32, 40, true],
  ])('%i to %i channels with %i taps: worth it %s', (from, to, kernel, isWorth) => {
    expect(isWorthTiling({ channels: from, outputs: to, kernel, length: 96, begin: 0, end: 0 })).toBe(isWorth);
  });
});
