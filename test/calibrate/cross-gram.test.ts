import { describe, expect, test } from 'vitest';
import { observeCross } from '../../src/calibrate/cross-gram.js';
import { observe } from '../../src/calibrate/observe.js';
import { findLayers } from '../../src/ops/layers.js';
import { bake } from '../../src/rewrite/bake.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { graphOf, input, noisy } from '../ops/graphs.js';

const x = input('x', ['batch', 5]);
const graph = graphOf([x], (g) => [g.matmul(x, g.constant(noisy([5, 3]), 'w'))]);
const [layer] = findLayers(graph).layers;
const options = { threads: 1 };

const path = (seed: number) => ({
  graph,
  feeds: (index: number) => new Map([[x, noisy([index + 2, 5], seed + index)]]),
});

describe('observeCross', () => {
  test('is Σ x zᵀ over batches of different sizes', async () => {
    const [a, b] = [path(3), path(7)];
    const { cross, sum } = await observeCross(layer!, a, b, 3, options);
    const expected = new Float64Array(25);
    const total = new Float64Array(5);
    for (let batch = 0; batch < 3; batch++) {
      const [left, right] = [a, b].map(({ feeds }) => floatsOf(feeds(batch).get(x)!));
      for (let row = 0; row < batch + 2; row++) {
        for (let j = 0; j < 5; j++) {
          total[j]! += right![row * 5 + j]!;
          for (let i = 0; i < 5; i++) expected[i * 5 + j]! += left![row * 5 + i]! * right![row * 5 + j]!;
        }
      }
    }
    expectClose(cross, expected);
    expectClose(sum, total);
  });

  test('of one path with itself is its Gram matrix, for every stack', async () => {
    const image = input('image', ['n', 4, 6, 6]);
    const conv = graphOf([image], (g) => [g.op('Conv', [image, g.constant(noisy([6, 2, 3, 3]))], { group: 2 })]);
    const [grouped] = findLayers(conv).layers;
    const feeds = () => new Map([[image, noisy([2, 4, 6, 6], 5)]]);
    const { cross, sum } = await observeCross(grouped!, { graph: conv, feeds }, { graph: conv, feeds }, 1, options);
    const { gram, columnSum } = (await observe(conv, [grouped!], ['gram', 'columnSum'], [feeds()], options)).get(
      grouped!,
    )!;
    expectClose(cross, gram!);
    expectClose(sum, columnSum!);
  });

  test('each path computes with its own weights, and a layer that is used twice counts twice', async () => {
    const shared = graphOf([x], (g) => {
      const [first, second] = [g.constant(noisy([5, 5], 2), 'first'), g.constant(noisy([5, 5], 4), 'second')];
      return [g.matmul(g.matmul(g.matmul(x, first), second), second)];
    });
    const [first, second] = findLayers(shared).layers;
    const doubled = bake(shared, new Map([[first!.weight, noisy([5, 5], 9)]]));
    const feeds = () => new Map([[x, noisy([6, 5], 11)]]);
    const { cross } = await observeCross(second!, { graph: shared, feeds }, { graph: doubled, feeds }, 1, options);
    const { cross: mirrored } = await observeCross(
      second!,
      { graph: doubled, feeds },
      { graph: shared, feeds },
      1,
      options,
    );
    const transposed = mirrored.map((_, i) => mirrored[(i % 5) * 5 + Math.floor(i / 5)]!);
    expectClose(cross, transposed);
    const { gram } = (await observe(shared, [second!], ['gram'], [feeds()], options)).get(second!)!;
    const own = await observeCross(second!, { graph: shared, feeds }, { graph: shared, feeds }, 1, options);
    expectClose(own.cross, gram!);
    expect(cross).not.toEqual(own.cross);
  });

  test('observe: expected at least one batch, got none', async () => {
    await expect(observeCross(layer!, path(1), path(1), 0)).rejects.toThrow(
      'observe: expected at least one batch, got none',
    );
  });
});

function expectClose(found: Float64Array, expected: Float64Array): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(1e-6);
  });
}
