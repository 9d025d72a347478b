import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/types.js';
import { findLayers } from '../../src/ops/layers.js';
import { findParameters } from '../../src/ops/parameters.js';
import { adamw, sgd } from '../../src/optim/index.js';
import { adapters } from '../../src/reconstruct/adapters/index.js';
import { descend } from '../../src/reconstruct/descend.js';
import { regionProblem } from '../../src/reconstruct/region-problem.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, int64, tensor } from '../../src/tensor/tensor.js';
import { graphOf, input, noisy } from '../ops/graphs.js';
import { cases, engine, regionTask, taskOf } from './tasks.js';

const gemm = cases['Gemm, transposed, with bias and scales'];

describe('descend', () => {
  test.each(Object.entries(adapters))('zero epochs are the identity: %s', async (_, make) => {
    const task = await taskOf(gemm);
    const adapter = make({ rank: 3 });
    const { weights, before, after, added } = await descend({ optimiser: adamw(), rate: 0.1, epochs: 0, adapter })(
      task,
    );
    expect(added).toBeUndefined();
    for (const [value, t] of weights) expect(floatsOf(t)).toEqual(floatsOf(task.graph.initializers.get(value)!));
    expect(after).toBe(before);
  });

  test.each(['mse', 'cosine'] as const)('lowers the %s and keeps the best', async (loss) => {
    const task = await taskOf(gemm, { drifts: true });
    const { before, after, judged, losses } = await descend({ optimiser: adamw(), rate: 0.01, epochs: 5, loss })(task);
    expect(after).toBe(Math.min(...judged));
    expect(after).toBeLessThan(before);
    expect([judged.length, losses.length]).toEqual([6, 10]);
  });

  test('held-out data decides', async () => {
    const task = await taskOf(gemm);
    // the region as it stands answers these exactly
    const { data: heldOut } = await regionTask(task.graph, { sparsity: 0 });
    const { weights, after, losses } = await descend({ optimiser: sgd(), rate: 0.01, epochs: 3 })({ ...task, heldOut });
    expect(after).toBeCloseTo(0, 8);
    // the first batch again, two epochs later
    expect(losses.at(-2)).toBeLessThan(losses[0]!);
    const { weight } = task.layers[0]!;
    expect(floatsOf(weights.get(weight)!)).toEqual(floatsOf(task.graph.initializers.get(weight)!));
  });

  test('the seed decides the order of batches where they are shuffled, and nothing else', async () => {
    const task = await taskOf(gemm, { batches: 6 });
    const run = async (seed: number, shuffles: boolean): Promise<readonly number[]> =>
      (await descend({ optimiser: sgd(), rate: 0.01, epochs: 1, shuffles })({ ...task, seed })).losses;
    expect(await run(1, false)).toEqual(await run(2, false));
    expect(await run(1, true)).toEqual(await run(1, true));
    expect(await run(1, true)).not.toEqual(await run(2, true));
  });

  test('a region with nothing to move stays', async () => {
    const task = await taskOf(cases.MatMul);
    const still = await descend({ optimiser: sgd(), rate: 1, epochs: 1 })({ ...task, parameters: [] });
    expect(still.weights.size).toBe(0);
  });
});

describe('regionProblem', () => {
  test('outputs count by their number of elements', async () => {
    const x = input('x', [2, 4]);
    const graph = graphOf([x], (g) => [
      g.matmul(x, g.constant(noisy([4, 6]), 'a')),
      g.matmul(x, g.constant(noisy([4, 2]), 'b')),
    ]);
    const [wide, thin] = graph.outputs;
    const fed = noisy([2, 4], 5);
    const targets = new Map([
      [wide!, noisy([2, 6], 6)],
      [thin!, noisy([2, 2], 7)],
    ]);
    const problem = regionProblem(graph, new Map([[x, fed], ...targets]), 'mse');
    const named = new Map([...targets].map(([value, t]) => [problem.targets.get(value)!, t]));
    const run = (each: Graph, feeds: ReadonlyMap<string, typeof fed>) =>
      withProgram(each, engine, (program) =>
        program.run(new Map(program.inputs.map((value) => [value, feeds.get(value.name)!]))),
      );
    const made = await run(graph, new Map([['x', fed]]));
    const squares = [...targets].flatMap(([value, t]) => {
      const wanted = floatsOf(t);
      return [...floatsOf(made.get(value)!)].map((y, i) => (y - wanted[i]!) ** 2);
    });
    const feeds = new Map([['x', fed] as const, ...[...named].map(([{ name }, t]) => [name, t] as const)]);
    const [loss] = floatsOf((await run(problem.graph, feeds)).get(problem.loss)!);
    expect(loss).toBeCloseTo(squares.reduce((a, b) => a + b, 0) / squares.length, 5);
  });
});

test('findParameters: layers, biases and norms move; tables, single numbers, statistics and integers rest', () => {
  const x = input('x', [2, 3, 4]);
  const graph = graphOf([x], (g) => {
    const held = (name: string, shape: readonly number[]) => g.constant(noisy(shape), name);
    const normed = g.op('LayerNormalization', [
      g.add(x, held('positions', [3, 4])),
      held('scale', [4]),
      held('shift', [4]),
    ]);
    const product = g.add(g.matmul(normed, held('weight', [4, 5])), held('bias', [5]));
    const scaled = g.mul(product, g.constant(float32([], Float32Array.of(2)), 'number'));
    const picked = g.op('Gather', [held('table', [7]), g.constant(int64([3, 5], new Array(15).fill(1)), 'ids')]);
    const turned = g.transpose(g.add(scaled, picked), [0, 2, 1]);
    const statistics = ['mean', 'variance'].map((name) => g.constant(float32([5], new Float32Array(5).fill(1)), name));
    const batchNorm = g.op('BatchNormalization', [turned, held('gain', [5]), held('offset', [5]), ...statistics]);
    const stored = g.constant(tensor('int8', [3, 2], new Int8Array(6).fill(3)), 'integers');
    return [
      g.matmul(batchNorm, g.op('DequantizeLinear', [stored, g.constant(float32([], Float32Array.of(0.5)), 'step')])),
    ];
  });
  const { layers } = findLayers(graph);
  expect(layers.map(({ name }) => name.split('/').at(-1))).toHaveLength(2);
  const found = findParameters(graph, layers).map(({ name }) => name.split('/')[1]!.split('_')[0]);
  expect(found.sort()).toEqual(['bias', 'gain', 'offset', 'scale', 'shift', 'weight']);
});
