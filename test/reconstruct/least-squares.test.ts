import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/ir/types.js';
import { adamw } from '../../src/optim/index.js';
import { descend } from '../../src/reconstruct/descend.js';
import { leastSquares } from '../../src/reconstruct/least-squares.js';
import type { RegionTask, Solution } from '../../src/reconstruct/solver.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { graphOf, input } from '../ops/graphs.js';
import { cases, holds, type LayerCase, regionTask, taskOf } from './tasks.js';

const weightOf = ({ layers }: RegionTask, { weights }: Solution): Tensor => weights.get(layers[0]!.weight)!;

describe('a 3 x 4 layer worked out by hand', () => {
  const W = [0.5, -1.0, 0.25, 2.0, -0.1, 0.3, -0.7, 0.05, 1.5, 0.2, -0.4, 0.6];
  const X = [1, 0, 2, 0.1, 0.5, 1, -1, 0.2, -1, 2, 0.5, 0, 0, -1, 1, 0.3];
  const x = input('x', [4, 4]);
  const dense = graphOf([x], (g) => [g.op('Gemm', [x, g.floats(W, [3, 4])], { transB: 1 })]);

  test.each([
    [
      'six removed',
      [0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0],
      [0, -1.14759, 0, 3.144578, null, null, null, 0, 1.415407, 0, -0.389665, 0],
      1.490375,
      1.123351,
    ],
    [
      'seven removed',
      [0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0],
      [0, -1.14759, 0, 3.144578, 0, 0, -0.7616, 0, 1.415407, 0, -0.389665, 0],
      2.117375,
      1.730747,
    ],
  ])('%s', async (_, mask, expected, before, after) => {
    const task = await regionTask(dense);
    const { weight } = task.layers[0]!;
    const fed = new Map([[x, float32([4, 4], Float32Array.from(X))]]);
    const y = Float32Array.from({ length: 12 }, (_, i) =>
      [0, 1, 2, 3].reduce((sum, j) => sum + X[Math.floor(i / 3) * 4 + j]! * W[(i % 3) * 4 + j]!, 0),
    );
    const solution = await leastSquares({ ridge: 0 })({
      ...task,
      graph: {
        ...dense,
        initializers: new Map([
          [
            weight,
            float32(
              [3, 4],
              Float32Array.from(W, (w, i) => w * mask[i]!),
            ),
          ],
        ]),
      },
      masks: new Map([[weight, float32([3, 4], Float32Array.from(mask))]]),
      data: { count: 1, inputs: () => fed, targets: () => new Map([[dense.outputs[0]!, float32([4, 3], y)]]) },
    });
    [...floatsOf(weightOf(task, solution))].forEach((value, i) => {
      if (expected[i] !== null) expect(value).toBeCloseTo(expected[i]!, 5);
    });
    expect(solution.before * 12).toBeCloseTo(before, 5);
    expect(solution.after * 12).toBeCloseTo(after, 5);
  });
});

describe.each(Object.entries<LayerCase>(cases))('%s', (_, each) => {
  const long = descend({ optimiser: adamw(), rate: 0.02, epochs: 60 });

  test.each([
    ['own targets', false],
    ['targets of the dense path', true],
  ])('no descent finds a smaller error: %s', async (_, drifts) => {
    const task = await taskOf(each, { drifts });
    const [exact, found] = [await leastSquares()(task), await long(task)];
    expect(exact.before).toBeCloseTo(found.before, 6);
    expect(found.after).toBeLessThan(found.before * 0.9);
    expect(exact.after).toBeLessThanOrEqual(found.after * (1 + 1e-5));
    expect(holds(weightOf(task, exact), [...task.masks.values()][0]!)).toBe(true);
  });

  test('the slope of the error is zero at every kept weight', async () => {
    const task = await taskOf(each, { drifts: true });
    const exact = await leastSquares({ ridge: 1e-9 })(task);
    // another start leads to the same place: what is exact does not depend on it
    const initializers = new Map(task.graph.initializers);
    for (const [value, t] of exact.weights) initializers.set(value, t);
    const again = await leastSquares({ ridge: 1e-9 })({ ...task, graph: { ...task.graph, initializers } });
    expect(again.before).toBeCloseTo(exact.after, 6);
    expectClose(exact.weights, again.weights, 2e-5);
  });
});

function expectClose(a: ReadonlyMap<Value, Tensor>, b: ReadonlyMap<Value, Tensor>, tolerance: number): void {
  for (const [value, t] of a) {
    const other = floatsOf(b.get(value)!);
    floatsOf(t).forEach((each, i) => {
      expect(Math.abs(each - other[i]!)).toBeLessThan(tolerance);
    });
  }
}
