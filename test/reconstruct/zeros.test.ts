import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/ir/types.js';
import { adamw } from '../../src/optim/index.js';
import { type AdapterName, adapters } from '../../src/reconstruct/adapters/index.js';
import { descend } from '../../src/reconstruct/descend.js';
import { leastSquares } from '../../src/reconstruct/least-squares.js';
import type { RegionTask, Solver } from '../../src/reconstruct/solver.js';
import { bake } from '../../src/rewrite/bake.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { cases, holds, type LayerCase, taskOf } from './tasks.js';

const merged = (Object.keys(adapters) as AdapterName[]).filter((name) => name !== 'lora');
const step = (name: AdapterName): Solver =>
  descend({ optimiser: adamw({ weightDecay: 0.1 }), rate: 0.01, epochs: 2, adapter: adapters[name]({ rank: 2 }) });

const solvers: readonly (readonly [string, Solver])[] = [
  ['least squares', leastSquares()],
  ...merged.map((name) => [name, step(name)] as const),
];

/** Removed weights as a product with the mask leaves them: -0 where they were negative. */
function withNegativeZeros(task: RegionTask): RegionTask {
  const rough = [...task.masks].map(([value, mask]): [Value, Tensor] => {
    const dense = floatsOf(task.dense.initializers.get(value)!);
    return [
      value,
      float32(
        mask.shape,
        floatsOf(mask).map((kept, i) => kept * dense[i]!),
      ),
    ];
  });
  return { ...task, graph: bake(task.graph, new Map(rough)) };
}

describe.each(solvers)('%s', (_, solve) => {
  test.each(Object.entries<LayerCase>(cases))(
    'what is removed is +0 and the error has not grown: %s',
    async (_, each) => {
      for (const sparsity of [0.5, 0.9]) {
        const task = withNegativeZeros(await taskOf(each, { sparsity, drifts: true }));
        const { weights, before, after } = await solve(task);
        expect(after).toBeLessThanOrEqual(before);
        for (const [value, t] of weights) {
          const mask = task.masks.get(value);
          if (mask) expect(holds(t, mask)).toBe(true);
        }
      }
    },
  );
});
