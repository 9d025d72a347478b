/** Whole trainings of a few steps: what is kept, when they end, and that they go on as if never stopped. */
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { adamw, sgd } from '../../src/optim/index.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { sizeOf } from '../../src/tensor/dtype.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { type AlgorithmName, algorithms } from '../../src/train/algorithms/index.js';
import { evaluator } from '../../src/train/evaluator.js';
import { judge } from '../../src/train/judgement.js';
import { type TrainOptions, type TrainProgress, train } from '../../src/train/train.js';
import { views } from '../../src/train/views/index.js';
import { problemOf, type Small, small, unseen, waves } from './small.js';

const shape = { channels: 1, length: 16, classes: 2, width: 4 };
const data = { labelled: waves(8, shape, 60), unlabelled: waves(24, shape, 61) };
const validation = waves(12, shape, 62);
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };
const usual = {
  optimiser: adamw({ weightDecay: 0.01 }),
  rate: 0.01,
  steps: 6,
  every: 2,
  threads: 1,
} satisfies TrainOptions;

async function trainedBy(
  changes: Partial<Small> & Pick<Small, 'algorithm'>,
  options: Partial<TrainOptions> = {},
  judged = true,
) {
  const settings = { ...usual, ...options };
  const own = small({ shape, data, views: allViews, steps: settings.steps, ...changes });
  const problem = await problemOf(own);
  const progress: TrainProgress[] = [];
  const trained = await train(problem, own.model, judged ? validation : undefined, {
    ...settings,
    onProgress: (each) => void progress.push(each),
  });
  return { own, problem, progress, trained };
}

const numbers = (tensors: ReadonlyMap<string, Tensor> | undefined) =>
  Object.fromEntries([...(tensors ?? [])].map(([name, t]) => [name, [...floatsOf(t)]]));

/** All that goes on from here. */
const plain = ({ state, best, curve, waited }: TrainProgress) => ({
  ...{ step: state.step, curve, waited },
  weights: numbers(state.weights),
  carried: numbers(state.carried),
  slots: [...state.slots].map(([name, slots]) => [name, slots.map((t) => [...floatsOf(t)])]),
  best: { ...best, weights: numbers(best.weights) },
});

const all = Object.entries(algorithms) as [AlgorithmName, never][];

describe.each(all)('%s', (_, algorithm) => {
  const run = trainedBy({ algorithm, average: 0.6 }, { keeps: 'teacher' });

  test('goes on after a break to the same bytes', async () => {
    const { problem, own, progress, trained } = await run;
    const resumed: TrainProgress[] = [];
    const again = await train(problem, own.model, validation, {
      ...{ ...usual, keeps: 'teacher', from: progress[0]! },
      onProgress: (each) => void resumed.push(each),
    });
    expect(resumed.map(plain)).toEqual(progress.slice(1).map(plain));
    expect(plain({ ...progress[2]!, best: again.best })).toEqual(plain({ ...progress[2]!, best: trained.best }));
    expect([again.steps, again.stoppedEarly]).toEqual([6, false]);
  });

  test('keeps averages of the weights that it trains, and statistics', async () => {
    const { problem, own, progress } = await run;
    const { state, best } = progress[2]!;
    const names = own.form.weights.map(({ name }) => name);
    expect([...problem.averages.keys()].sort()).toEqual([...names].sort());
    expect([...state.carried!.keys()].sort()).toEqual(
      [...problem.averages.values(), ...[...own.form.statistics.keys()].map(({ name }) => name)].sort(),
    );
    const source = progress.find((each) => each.state.step === best.step)!.state;
    for (const name of names) {
      expect([...floatsOf(best.weights.get(name)!)]).toEqual([
        ...floatsOf(source.carried!.get(problem.averages.get(name)!)!),
      ]);
      expect([...floatsOf(best.weights.get(name)!)]).not.toEqual([...floatsOf(source.weights.get(name)!)]);
    }
    for (const { name } of own.form.statistics.keys()) expect(best.weights.get(name)).toBe(source.carried!.get(name));
  });

  test('leaves what is masked zero to the bit, averages too', async () => {
    const { problem, own } = await run;
    const masks = new Map(
      own.form.weights
        .filter(({ name }) => /^(conv2|fc)\.weight$/.test(name))
        .map((value) => {
          const { shape } = own.form.graph.initializers.get(value)!;
          return [
            value,
            float32(
              shape,
              Float32Array.from({ length: sizeOf(shape) }, (_, i) => i % 2),
            ),
          ] as const;
        }),
    );
    const { best, steps } = await train({ ...problem, masks }, own.model, undefined, {
      ...usual,
      steps: 3,
      every: 3,
      keeps: 'teacher',
    });
    expect([masks.size, steps]).toEqual([2, 3]);
    for (const [{ name }, mask] of masks) {
      const kept = floatsOf(mask);
      floatsOf(best.weights.get(name)!).forEach((value, i) => {
        expect(Object.is(value, 0)).toBe(kept[i] === 0);
      });
    }
  });
});

describe('train', () => {
  const supervised = algorithms.supervised as never;

  test('averages weights by the formula', async () => {
    const { progress, problem, own } = await trainedBy({ algorithm: supervised, average: 0.7 }, { every: 1 });
    const { name } = own.form.weights[0]!;
    const stored = own.form.graph.initializers.get(own.form.weights[0]!)!;
    let mean = [...floatsOf(stored)];
    progress.forEach(({ state }, step) => {
      const decay = Math.min(0.7, 1 - 1 / (step + 2));
      const weight = floatsOf(state.weights.get(name)!);
      mean = mean.map((each, i) => decay * each + (1 - decay) * weight[i]!);
      const found = floatsOf(state.carried!.get(problem.averages.get(name)!)!);
      expect(Math.max(...mean.map((each, i) => Math.abs(each - found[i]!)))).toBeLessThan(1e-6);
    });
  });

  test('ends when nothing gets better, and keeps what was best', async () => {
    // uphill from the start: the rate is far too large
    const { progress, trained, own } = await trainedBy(
      { algorithm: supervised },
      { optimiser: sgd(), rate: 3, steps: 60, every: 1, patience: 3 },
    );
    const { best, curve, stoppedEarly, steps } = trained;
    expect(stoppedEarly).toBe(true);
    expect(steps).toBe(best.step + 3);
    expect(curve).toHaveLength(steps);
    const at = progress[best.step - 1]!;
    for (const [name, weight] of at.state.weights) expect(best.weights.get(name)).toBe(weight);
    const moving = [...own.model.initializers.keys()].filter(({ name }) => best.weights.has(name));
    const judged = await evaluator(own.model, moving, { threads: 1 });
    expect(judge(await judged.logits(validation, best.weights), validation)).toEqual(best.judgement);
    await judged.release();
    const areas = curve.map(({ validation: judgement }) => judgement!.weightedAuc!);
    expect(best.judgement!.weightedAuc).toBe(Math.max(...areas));
  });

  test('keeps the last weights where nothing judges, and tells rates and means of what steps told', async () => {
    const schedule = (step: number, steps: number): number => 1 - step / steps;
    const { trained, progress } = await trainedBy(
      { algorithm: algorithms['pseudo-label'] as never },
      { every: 4, schedule },
      false,
    );
    expect([trained.best.step, trained.stoppedEarly, trained.best.judgement]).toEqual([6, false, undefined]);
    expect(trained.curve.map(({ step, rate }) => [step, rate])).toEqual(
      [4, 6].map((step) => [step, 0.01 * schedule(step - 1, 6)]),
    );
    const single = (await trainedBy({ algorithm: algorithms['pseudo-label'] as never }, { every: 1, schedule }, false))
      .trained.curve;
    trained.curve.forEach(({ loss, told }, i) => {
      const own = single.slice(i * 4, i * 4 + 4);
      expect(loss).toBeCloseTo(own.reduce((sum, each) => sum + each.loss, 0) / own.length, 6);
      expect(told.supervised).toBeCloseTo(own.reduce((sum, each) => sum + each.told.supervised!, 0) / own.length, 6);
    });
    expect(numbers(progress[1]!.state.weights)).toEqual(numbers(trained.best.weights) as never);
  });

  test('says when a loss is no number any more', async () => {
    const values = data.labelled.values.map((value) => value * 1e30);
    const wild = { ...data, labelled: { ...data.labelled, values } };
    await expect(trainedBy({ algorithm: supervised, data: wild, views: unseen })).rejects.toThrow(
      new UserError(
        'train',
        'expected a finite loss, got NaN at step 1; take a lower learning rate, or clip gradients',
      ),
    );
  });

  test('stops between calls', async () => {
    const controller = new AbortController();
    const stopped = trainedBy(
      { algorithm: supervised },
      { signal: controller.signal, onSteps: () => controller.abort() },
    );
    await expect(stopped).rejects.toThrow(/abort/i);
  });
});
