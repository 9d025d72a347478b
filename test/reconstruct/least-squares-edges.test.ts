import { describe, expect, test } from 'vitest';
import { observe } from '../../src/calibrate/observe.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';
import { toMatrices } from '../../src/ops/layout.js';
import { leastSquares } from '../../src/reconstruct/least-squares.js';
import type { RegionTask } from '../../src/reconstruct/solver.js';
import { extract } from '../../src/rewrite/extract.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, input, noisy } from '../ops/graphs.js';
import { cases, engine, type LayerCase, regionTask, taskOf } from './tasks.js';

const layouts = Object.entries<LayerCase>(cases);
const gemm = cases['Gemm, transposed, with bias and scales'];

describe.each(layouts)('%s', (name, each) => {
  test('a layer that keeps everything and is fed what the dense one was stays as it is', async () => {
    const task = await taskOf(each, { sparsity: 0 });
    const { weights, before, after } = await leastSquares()(task);
    const { weight } = task.layers[0]!;
    expect(floatsOf(weights.get(weight)!)).toEqual(floatsOf(task.dense.initializers.get(weight)!));
    expect([before, after]).toEqual([expect.closeTo(0, 10), expect.closeTo(0, 10)]);
  });

  test('a layer that keeps nothing has its bias left', async () => {
    const task = await taskOf(each, { sparsity: 1 });
    const { weights, before, after } = await leastSquares()(task);
    const { weight } = task.layers[0]!;
    expect(floatsOf(weights.get(weight)!).every((value) => Object.is(value, 0))).toBe(true);
    if (name.includes('MatMul')) expect(after).toBe(before);
    else expect(after).toBeLessThan(before);
  });

  test.each([1e-4, 0])('inputs that are always zero move nothing, ridge %s', async (ridge) => {
    const task = await taskOf(each, { drifts: true, dead: (index) => index[each.axis] === 1 });
    const [layer] = task.layers as [Layer];
    const { weights, before, after } = await leastSquares({ ridge })(task);
    expect(after).toBeLessThan(before);
    const observed = await observe(
      task.graph,
      [layer],
      ['columnNorm'],
      [task.data.inputs(0), task.data.inputs(1)],
      engine,
    );
    const norms = observed.get(layer)!.columnNorm!;
    const { rows, columns } = layer.layout;
    const [now, start] = [weights, task.graph.initializers].map((held) =>
      toMatrices(layer.layout, floatsOf(held.get(layer.weight)!)),
    );
    const isDead = (i: number): boolean => norms[Math.floor(i / (rows * columns)) * columns + (i % columns)] === 0;
    const moved = now!.map((value, i) => (value === start![i] ? 0 : 1));
    expect(moved.filter((_, i) => isDead(i)).every((each) => each === 0)).toBe(true);
    expect(norms.filter((norm) => norm === 0).length).toBeGreaterThan(0);
    expect(moved.filter((each) => each === 1).length).toBeGreaterThan(rows);
  });
});

describe('leastSquares', () => {
  test('a bias that moves leaves a smaller error', async () => {
    const task = await taskOf(gemm, { drifts: true });
    const [without, moved] = [await leastSquares({ biases: false })(task), await leastSquares()(task)];
    expect(moved.after).toBeLessThan(without.after * 0.999);
    expect(moved.before).toBe(without.before);
    expect([without.weights.size, moved.weights.size]).toEqual([1, 2]);
  });

  test('more inputs than samples: the ridge holds what they do not tell', async () => {
    const x = input('x', [4, 24]);
    const dense = graphOf([x], (g) => [g.matmul(x, g.constant(noisy([24, 5]), 'w'))]);
    const { after, before, weights } = await leastSquares({ ridge: 0 })(await regionTask(dense));
    expect(after).toBeLessThan(before * 1e-4);
    expect([...weights.values()].every((t) => floatsOf(t).every((value) => Math.abs(value) < 100))).toBe(true);
  });

  test('held-out data may say that the start was better', async () => {
    const task = await taskOf(gemm, { drifts: true });
    const start = floatsOf(task.graph.initializers.get(task.layers[0]!.weight)!);
    // the region as it stands answers these exactly
    const own = await regionTask(task.graph, { sparsity: 0 });
    const [solution, plain] = [await leastSquares()({ ...task, heldOut: own.data }), await leastSquares()(task)];
    expect(floatsOf(solution.weights.get(task.layers[0]!.weight)!)).toEqual(start);
    expect(solution.after).toBe(solution.before);
    expect(solution.judged[1]).toBeGreaterThan(solution.judged[0]!);
    expect(plain.after).toBeLessThan(plain.before);
  });

  test('both layers of a recurrent node are fitted to their own products', async () => {
    const x = input('x', [6, 2, 4]);
    const dense = graphOf([x], (g) => [
      g.ops('GRU', [x, g.constant(noisy([1, 9, 4], 2), 'W'), g.constant(noisy([1, 9, 3], 3), 'R')], 1, {
        hidden_size: 3,
      })[0]!,
    ]);
    const task = await regionTask(dense, { batches: 4 });
    expect(task.layers).toHaveLength(2);
    const { weights, before, after } = await leastSquares()(task);
    expect(weights.size).toBe(2);
    expect(after).toBeLessThan(before);
  });

  test('a layer that is used again behind the region is fitted to what the region feeds it', async () => {
    const x = input('x', [30, 6]);
    const w = noisy([6, 6]);
    const once = graphOf([x], (g) => [g.matmul(x, g.constant(w, 'w'))]);
    const twice = graphOf([x], (g) => {
      const held = g.constant(w, 'w');
      return [g.matmul(g.matmul(x, held), held)];
    });
    const [alone, whole] = [await regionTask(once), await regionTask(twice)];
    const first = twice.nodes[0]!.outputs[0]!;
    const part = {
      ...whole,
      graph: extract(whole.graph, [x], [first]),
      dense: extract(twice, [x], [first]),
      data: {
        ...whole.data,
        targets: (i: number) => new Map([[first, alone.data.targets(i).get(once.outputs[0]!)!]]),
      },
    };
    const [expected, found] = [await leastSquares()(alone), await leastSquares()(part)];
    expect(found.after).toBe(expected.after);
  });

  test('a region with nothing to move stays', async () => {
    const task = await taskOf(gemm);
    expect((await leastSquares()({ ...task, parameters: [] })).weights.size).toBe(0);
  });

  test.each<readonly [string, () => Promise<unknown>]>([
    [
      'least-squares: expected a ridge of 0 or more, got -1; 0.0001 is the default',
      async () => leastSquares({ ridge: -1 })(await taskOf(gemm)),
    ],
    [
      'least-squares: expected a region of one matrix, got one of 2; take regions of granularity matrix, or descend',
      async () => leastSquares()(await twoLayers()),
    ],
  ])('%s', async (message, run) => {
    await expect(run()).rejects.toThrow(message);
  });
});

async function twoLayers(): Promise<RegionTask> {
  const x = input('x', [8, 6]);
  const dense = graphOf([x], (g) => [
    g.matmul(g.matmul(x, g.constant(noisy([6, 5]), 'a')), g.constant(noisy([5, 4], 2), 'b')),
  ]);
  expect(findLayers(dense).layers).toHaveLength(2);
  return regionTask(dense);
}

test('what is judged is the mean squared error over all outputs', async () => {
  const x = input('x', [2, 2]);
  const dense = graphOf([x], (g) => [g.matmul(x, g.constant(float32([2, 2], Float32Array.of(1, 2, 3, 4)), 'w'))]);
  const task = await regionTask(dense, { sparsity: 1, batches: 3 });
  const squares = Array.from({ length: 3 }, (_, i) => floatsOf(task.data.targets(i).get(dense.outputs[0]!)!)).flatMap(
    (values) => [...values].map((value) => value ** 2),
  );
  const { before } = await leastSquares()(task);
  expect(before).toBeCloseTo(squares.reduce((a, b) => a + b, 0) / squares.length, 5);
});
