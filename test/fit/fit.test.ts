import { describe, expect, test } from 'vitest';
import { type FitOptions, type FitProgress, fit } from '../../src/fit/index.js';
import { adamw, optimisers, schedules, sgd, withWarmUp } from '../../src/optim/index.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32, type Tensor } from '../../src/tensor/tensor.js';
import { inputs, regression, slope } from './problems.js';

const options = { optimiser: sgd(), rate: 0.05, epochs: 3, threads: 1 } satisfies FitOptions;
const start = [0.1, 0.2, 0.3].map(Math.fround);
const numbers = (weights: ReadonlyMap<string, Tensor>): number[] => [...floatsOf(weights.get('weight')!)];

type Reference = (w: number[], d: number[], rate: number, step: number) => number[];

function sgdReference(momentum: number, nesterov: boolean, decay: number): Reference {
  let v = [0, 0, 0];
  return (w, gradient, rate) => {
    const d = gradient.map((each, i) => each + decay * w[i]!);
    v = v.map((each, i) => momentum * each + d[i]!);
    return w.map((each, i) => each - rate * (nesterov ? d[i]! + momentum * v[i]! : v[i]!));
  };
}

function adamReference(beta1: number, beta2: number, decay: number): Reference {
  let [m, v] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  return (w, d, rate, t) => {
    m = m.map((each, i) => beta1 * each + (1 - beta1) * d[i]!);
    v = v.map((each, i) => beta2 * each + (1 - beta2) * d[i]! ** 2);
    return w.map((each, i) => {
      const move = m[i]! / (1 - beta1 ** t) / (Math.sqrt(v[i]! / (1 - beta2 ** t)) + 1e-8);
      return each * (1 - rate * decay) - rate * move;
    });
  };
}

const rules: readonly (readonly [string, Partial<FitOptions>, () => Reference])[] = [
  ['sgd with momentum', {}, () => sgdReference(0.9, false, 0)],
  ['plain sgd', { optimiser: sgd({ momentum: 0 }) }, () => sgdReference(0, false, 0)],
  ['Nesterov with decay', { optimiser: sgd({ nesterov: true, weightDecay: 0.1 }) }, () => sgdReference(0.9, true, 0.1)],
  ['Adam', { optimiser: adamw() }, () => adamReference(0.9, 0.999, 0)],
  ['AdamW', { optimiser: adamw({ beta2: 0.95, weightDecay: 0.1 }) }, () => adamReference(0.9, 0.95, 0.1)],
  ['linear with warm-up', { schedule: withWarmUp(schedules.linear, 0.3) }, () => sgdReference(0.9, false, 0)],
  ['cosine', { schedule: schedules.cosine }, () => sgdReference(0.9, false, 0)],
  ['two batches a step', { accumulate: 2 }, () => sgdReference(0.9, false, 0)],
];

describe('fit', () => {
  test.each(rules)('steps as the formula says: %s', async (_, changes, makeReference) => {
    const { problem, data } = regression();
    const settings: FitOptions = { ...options, ...changes };
    const { accumulate = 1, schedule = () => 1, epochs } = settings;
    const steps = (data.length / accumulate) * epochs;
    const reference = makeReference();
    const path: number[][] = [];
    let w = [...start];
    for (let step = 0; step < steps; step++) {
      const from = (step * accumulate) % data.length;
      const gradient = slope(data.slice(from, from + accumulate), w);
      w = reference(w, gradient, settings.rate * schedule(step, steps), step + 1);
      path.push(w);
    }
    const epochEnds: number[][] = [];
    await fit(problem, { ...settings, onEpoch: ({ state }) => void epochEnds.push(numbers(state.weights)) });
    epochEnds.forEach((found, epoch) => {
      const expected = path[(epoch + 1) * (steps / epochs) - 1]!;
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
    });
  });

  test.each(Object.entries(optimisers))('masks hold to the bit, and the rest still moves: %s', async (_, make) => {
    const { problem, weight } = regression();
    const masks = new Map([[weight, float32([inputs, 1], Float32Array.of(1, 0, 1))]]);
    const fitted = await fit({ ...problem, masks }, { ...options, optimiser: make({ weightDecay: 0.1 }) });
    const [a, b, c] = numbers(fitted.weights);
    expect(Object.is(b, 0)).toBe(true);
    expect(a).not.toBeCloseTo(start[0]!, 2);
    expect(c).not.toBeCloseTo(start[2]!, 2);
  });

  test('is never worse than its start, and says which epoch was best', async () => {
    const { problem } = regression();
    const wild = await fit(problem, { ...options, rate: 50, epochs: 3 });
    expect(numbers(wild.weights)).toEqual(start);
    expect(wild.bestEpoch).toBe(0);
    const calm = await fit(problem, options);
    expect(calm.bestEpoch).toBeGreaterThan(0);
    expect(calm.judged[calm.bestEpoch]).toBe(Math.min(...calm.judged));
    expect(calm.judged[calm.bestEpoch]).toBeLessThan(calm.judged[0]! / 2);
  });

  test('zero steps are the identity', async () => {
    const { problem } = regression();
    expect(numbers((await fit(problem, { ...options, epochs: 0 })).weights)).toEqual(start);
  });

  test('held-out batches decide where they are given, and patience ends it', async () => {
    const { problem } = regression(4);
    const other = regression(2, 99).problem.batches;
    // these targets are of another map: going on makes them worse sooner or later
    const validation = {
      count: 2,
      at: (i: number) => new Map([...other.at(i), ['target', float32([8, 1], new Float32Array(8))]]),
    };
    const fitted = await fit({ ...problem, validation }, { ...options, epochs: 50, patience: 2 });
    expect(fitted.judged.length).toBe(fitted.bestEpoch + 3);
    expect(fitted.steps).toBe((fitted.judged.length - 1) * 4);
  });

  test.each([undefined, 7])('going on after a break gives the same bits (shuffled by %s)', async (shuffle) => {
    const { problem } = regression();
    const settings = { ...options, optimiser: adamw(), epochs: 4, ...(shuffle !== undefined && { shuffle }) };
    let half: FitProgress | undefined;
    const whole = await fit(problem, {
      ...settings,
      onEpoch(progress) {
        if (progress.epoch === 2) half = progress;
      },
    });
    const resumed = await fit(problem, { ...settings, from: half! });
    expect(numbers(resumed.weights)).toEqual(numbers(whole.weights));
    expect(resumed.losses).toEqual(whole.losses);
    expect(resumed.judged).toEqual(whole.judged);
  });

  test('clipping bounds the joint norm of a step', async () => {
    const { problem } = regression();
    let after: number[] = [];
    await fit(problem, {
      ...options,
      optimiser: sgd({ momentum: 0 }),
      clip: 1e-3,
      rate: 1,
      epochs: 1,
      onEpoch: ({ state }) => {
        after = numbers(state.weights);
      },
    });
    const moved = Math.hypot(...after.map((value, i) => value - start[i]!));
    expect(moved).toBeLessThan(4.01e-3);
    expect(moved).toBeGreaterThan(3e-3);
  });

  test('stops between calls', async () => {
    const { problem } = regression();
    const controller = new AbortController();
    const stopped = fit(problem, { ...options, signal: controller.signal, onSteps: () => controller.abort() });
    await expect(stopped).rejects.toThrow(/abort/i);
  });

  test('stops between laying out batches and running them', async () => {
    const { problem } = regression();
    const controller = new AbortController();
    const at = (index: number) => {
      setImmediate(() => controller.abort());
      return problem.batches.at(index);
    };
    const laidOut = { ...problem, batches: { ...problem.batches, at }, validation: problem.batches };
    let steps = 0;
    const count = (): void => {
      steps++;
    };
    await expect(fit(laidOut, { ...options, signal: controller.signal, onSteps: count })).rejects.toThrow(/abort/i);
    expect(steps).toBe(0);
  });

  test.each([
    ['no weights', { weights: [] }, {}, 'fit: expected weights to train, got none'],
    ['too few batches', {}, { accumulate: 5 }, "fit: expected at least 5 batches, one step's, got 4; give more"],
    [
      'targets that are no numbers',
      { bad: true },
      {},
      'fit: expected a finite loss before the first step, got NaN; look for numbers in the calibration data, or weights, that overflow there',
    ],
  ] as const)('refuses %s', async (_, changes, more, message) => {
    const { problem } = regression();
    const { batches } = problem;
    const bad = {
      ...batches,
      at: (i: number) => new Map([...batches.at(i), ['target', float32([8, 1], new Float32Array(8).fill(Number.NaN))]]),
    };
    const wrong = 'bad' in changes ? { ...problem, batches: bad } : { ...problem, ...changes };
    await expect(fit(wrong, { ...options, ...more })).rejects.toThrow(message);
  });
});
