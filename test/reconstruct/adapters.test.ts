import { beforeAll, describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { adamw, sgd } from '../../src/optim/index.js';
import type { Adapted, Adapter } from '../../src/reconstruct/adapters/adapter.js';
import { type AdapterName, adapters } from '../../src/reconstruct/adapters/index.js';
import { descend } from '../../src/reconstruct/descend.js';
import type { RegionTask, Solution } from '../../src/reconstruct/solver.js';
import { bake } from '../../src/rewrite/bake.js';
import { withProgram } from '../../src/runtime/program.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { random } from '../../src/tensor/random.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { gptHalf } from './gpt-half.js';
import { cases, engine, holds, type LayerCase, taskOf } from './tasks.js';

const names = Object.keys(adapters) as AdapterName[];
const lowRank = names.filter((name) => name !== 'all' && name !== 'norms-and-biases');
const merging = lowRank.filter((name) => name !== 'lora');
const layouts = Object.entries<LayerCase>(cases);

const outputOf = async (graph: Graph, task: RegionTask): Promise<Float32Array> => {
  const found = await withProgram(graph, engine, (program) => program.run(task.data.inputs(0)));
  return floatsOf(found.get(graph.outputs[0]!)!);
};

/** The trained tensors after something moved each of them. */
const shaken = ({ graph, trained }: Adapted): Map<string, Tensor> =>
  new Map(
    trained.map((value) => {
      const t = graph.initializers.get(value)!;
      const noise = random(9, value.name).normals(floatsOf(t).length);
      return [
        value.name,
        float32(
          t.shape,
          floatsOf(t).map((each, i) => each + 0.3 * noise[i]!),
        ),
      ];
    }),
  );

const withTrained = ({ graph, trained }: Adapted, tensors: ReadonlyMap<string, Tensor>): Graph =>
  bake(graph, new Map(trained.map((value) => [value, tensors.get(value.name)!])));

function expectClose(a: Float32Array, b: Float32Array, tolerance: number): void {
  const scale = Math.max(...b.map(Math.abs));
  expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / scale).toBeLessThan(tolerance);
}

describe.each(names)('%s', (name) => {
  const fitting = layouts.filter(([layout]) => name !== 'lora' || !layout.includes('Conv'));

  test.each(fitting)('starts as the region is: %s', async (_, each) => {
    const task = await taskOf(each);
    const { graph } = adapters[name]().adapt(task);
    expectClose(await outputOf(graph, task), await outputOf(task.graph, task), 1e-6);
  });
});

describe.each(merging)('%s', (name) => {
  test.each(layouts)('merges to what it computed, zeros kept to the bit: %s', async (_, each) => {
    const task = await taskOf(each);
    const adapted = adapters[name]({ rank: 3, alpha: 2 }).adapt(task);
    const trained = shaken(adapted);
    const { weights } = await adapted.merge(trained, engine);
    const { weight } = task.layers[0]!;
    expect(holds(weights.get(weight)!, task.masks.get(weight)!)).toBe(true);
    expect(floatsOf(weights.get(weight)!)).not.toEqual(floatsOf(task.graph.initializers.get(weight)!));
    if (!adapted.isExact) return;
    expectClose(
      await outputOf(bake(task.graph, weights), task),
      await outputOf(withTrained(adapted, trained), task),
      1e-6,
    );
  });
});

describe('low-rank adapters', () => {
  const gemm = cases['Gemm, transposed, with bias and scales'];

  test.each(lowRank)('%s: a change of the rank and the size asked for', async (name) => {
    const task = await taskOf(gemm, { sparsity: 0 });
    const { weight } = task.layers[0]!;
    const start = floatsOf(task.graph.initializers.get(weight)!);
    const changes = [2, 4].map(async (alpha) => {
      const adapted = adapters[name]({ rank: 2, alpha }).adapt(task);
      expect(adapted.trained.map((value) => adapted.graph.initializers.get(value)!.shape)).toEqual([
        [1, 2, 12],
        [1, 7, 2],
      ]);
      const { weights, added } = await adapted.merge(shaken(adapted), engine);
      if (name === 'lora') return floatsOf(added.get(weight)!.A).map(() => added.get(weight)!.scale);
      const after = floatsOf(weights.get(weight)!);
      // scaled ones are a low-rank matrix times the weight
      return after.map((value, i) => (name === 'scale-lora' ? value : value - start[i]!));
    });
    const [one, two] = await Promise.all(changes);
    expectClose(two!, name === 'scale-lora' ? one! : one!.map((value) => 2 * value), 1e-5);
  });

  test.each(lowRank)('%s: the gradient reaches both matrices', async (name) => {
    const adapter = adapters[name]();
    const start = new Map<string, Float32Array>();
    const end = new Map<string, Float32Array>();
    const watched: Adapter = {
      ...adapter,
      adapt(scene) {
        const adapted = adapter.adapt(scene);
        for (const value of adapted.trained) start.set(value.name, floatsOf(adapted.graph.initializers.get(value)!));
        const merge: Adapted['merge'] = (trained, options) => {
          for (const [key, t] of trained) end.set(key, floatsOf(t));
          return adapted.merge(trained, options);
        };
        return { ...adapted, merge };
      },
    };
    await descend({ optimiser: sgd(), rate: 0.01, epochs: 2, adapter: watched })(await taskOf(gemm));
    expect(end.size).toBe(2);
    for (const [key, values] of end)
      expect(values.filter((value, i) => value !== start.get(key)![i]).length).toBe(values.length);
  });

  test('lora refuses what it cannot stand beside', async () => {
    const task = await taskOf(cases.Conv);
    const message = `lora '${task.layers[0]!.name}': low-rank nodes stand beside MatMul and Gemm only, not Conv`;
    expect(() => adapters.lora().adapt(task)).toThrow(message);
  });

  test('only lora stays beside the weights, and says why', () => {
    const reasons = names.filter((name) => adapters[name]().staysBeside !== undefined);
    expect(reasons).toEqual(['lora']);
    expect(adapters.lora().staysBeside).toContain('would fill the zeros');
  });

  test('lora-prune is judged by what it is merged to', async () => {
    const task = await taskOf(gemm);
    const { weights, after, judged } = await descend({
      optimiser: adamw(),
      rate: 0.05,
      epochs: 20,
      adapter: adapters['lora-prune']({ rank: 7 }),
    })(task);
    const error = await squaredError(bake(task.graph, weights), task);
    expect(after).toBeCloseTo(error, 5);
    expect(after).toBeGreaterThan(Math.min(...judged) * 2);
  });

  test('what mask-lora reaches with all ranks is what all weights reach', async () => {
    const task = await taskOf(cases.MatMul);
    const options = { optimiser: adamw(), rate: 0.03, epochs: 150 };
    const whole = await descend({ ...options, adapter: adapters.all() })(task);
    const thin = await descend({ ...options, adapter: adapters['mask-lora']({ rank: 7, alpha: 7 }) })(task);
    expect(thin.after).toBeLessThan(whole.after * 1.05);
  });

  test('zeros that are kept stay zero under spp and move under mask-lora', async () => {
    const task = await taskOf(cases.MatMul);
    const { weight } = task.layers[0]!;
    const kept = floatsOf(task.masks.get(weight)!).indexOf(1);
    const values = floatsOf(task.graph.initializers.get(weight)!).slice();
    values[kept] = 0;
    const zeroed = { ...task, graph: bake(task.graph, new Map([[weight, float32([12, 7], values)]])) };
    const at = async (name: 'spp' | 'mask-lora'): Promise<number> => {
      const adapted = adapters[name]().adapt(zeroed);
      return floatsOf((await adapted.merge(shaken(adapted), engine)).weights.get(weight)!)[kept]!;
    };
    expect(await at('spp')).toBe(0);
    expect(await at('mask-lora')).not.toBe(0);
  });

  test('seeds and names decide what is drawn', async () => {
    const task = await taskOf(cases.MatMul);
    const drawn = (seed: number): Float32Array => {
      const { graph, trained } = adapters['mask-lora']().adapt({ ...task, seed });
      return floatsOf(graph.initializers.get(trained[0]!)!);
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(Math.max(...drawn(1).map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(12));
  });

  test.each([
    [{ rank: 0 }, 'spp: expected a rank of at least 1, got 0'],
    [{ alpha: Number.NaN }, 'spp: expected a finite alpha, got NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => adapters.spp(options)).toThrow(message);
  });
});

async function squaredError(graph: Graph, { data }: RegionTask): Promise<number> {
  let sum = 0;
  for (let i = 0; i < data.count; i++) {
    const made = await withProgram(graph, engine, (program) => program.run(data.inputs(i)));
    const [y, wanted] = [made, data.targets(i)].map((values) => floatsOf(values.get(graph.outputs[0]!)!));
    sum += y!.reduce((total, value, j) => total + (value - wanted![j]!) ** 2, 0) / y!.length / data.count;
  }
  return sum;
}

describe('a half of the bundled language model', () => {
  let task: RegionTask;
  beforeAll(async () => {
    task = await gptHalf();
  });

  test.each(names)('%s lowers the error in a few steps, and zeros stay +0', async (name) => {
    const solution: Solution = await descend({
      optimiser: adamw(),
      rate: name === 'all' ? 1e-3 : 5e-3,
      epochs: 2,
      adapter: adapters[name]({ rank: 4, alpha: 4 }),
    })(task);
    expect(solution.after).toBeLessThan(solution.before);
    const moved = [...solution.weights].filter(([value, t]) => isMoved(task, value, t));
    expect(moved.length).toBe({ all: 6, 'norms-and-biases': 4, lora: 0 }[name as string] ?? 2);
    expect(solution.added?.size ?? 0).toBe(name === 'lora' ? 2 : 0);
    for (const [value, mask] of task.masks) {
      const weight = solution.weights.get(value);
      if (weight) expect(holds(weight, mask)).toBe(true);
    }
    for (const { A, B } of solution.added?.values() ?? []) {
      expect(A.shape[1]).toBe(4);
      expect(floatsOf(B).some((each) => each !== 0)).toBe(true);
    }
  });
});

const isMoved = ({ graph }: RegionTask, value: Value, t: Tensor): boolean => {
  const before = floatsOf(graph.initializers.get(value)!);
  return floatsOf(t).some((each, i) => each !== before[i]);
};
