/** Masks come from what a pruner removed. */
import { expect, test } from 'vitest';
import { findLayers } from '../../src/ops/layers.js';
import { packed, unpacked } from '../../src/pipeline/prune/kept-masks.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { random } from '../../src/tensor/random.js';
import { graphOf, input, noisy } from '../ops/graphs.js';

const x = input('x', [2, 6]);
const graph = graphOf([x], (g) => [g.matmul(x, g.constant(noisy([6, 5]), 'w'))]);
const layer = findLayers(graph).layers[0]!;

test('a bit each, back in the order of what is stored', () => {
  const kept = Uint8Array.from(random(1, 'mask').uniforms(30), (u) => Number(u < 0.5));
  const bits = packed(kept, new Float32Array(30).fill(1));
  expect(bits.shape).toEqual([4]);
  const found = floatsOf(unpacked(bits, layer, [6, 5]));
  // stored as [inputs, outputs], pruned as [outputs, inputs]
  for (let row = 0; row < 5; row++)
    for (let column = 0; column < 6; column++) expect(found[column * 5 + row]).toBe(kept[row * 6 + column]);
});

test('what was zero before is removed, what became zero is not', () => {
  const dense = new Float32Array(30).fill(1e-30);
  dense[3] = 0;
  dense[4] = -0;
  // float16 makes all of it zero
  const found = floatsOf(unpacked(packed(new Uint8Array(30).fill(1), dense), layer, [6, 5]));
  expect(found.reduce((sum, value) => sum + value, 0)).toBe(28);
});
