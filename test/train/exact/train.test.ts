/** Twenty steps of training on graphs against the same steps in float64. */
import { describe, expect, test } from 'vitest';
import type { LabelledSeries } from '../../../src/data/series.js';
import type { FitProblem } from '../../../src/fit/index.js';
import { adamw, type Optimiser as Emitted, schedules, sgd, withWarmUp } from '../../../src/optim/index.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { supervised } from '../../../src/train/algorithms/supervised.js';
import { evaluator } from '../../../src/train/evaluator.js';
import { trainableOf } from '../../../src/train/start/trainable.js';
import { trainingProblem } from '../../../src/train/step/problem.js';
import { trainingForm } from '../../../src/train/step/training-form.js';
import { train } from '../../../src/train/train.js';
import { none } from '../../../src/train/views/index.js';
import { type Optimiser, warmUpThenCosine } from './descend.js';
import { distances } from './distances.js';
import { type Batch, logitsOf } from './fcn.js';
import { channels, classes, fixedBatches, fixedWeights, length, series } from './fixed.js';
import { fcnModel, isConvolutionBias } from './model.js';
import { trainFcn } from './train-fcn.js';

const steps = 20;
const largestNorm = 0.5;
const tolerance = 1e-4;

interface Case {
  readonly rate: number;
  /** Of the graph and of the float64 network. */
  readonly optimisers: readonly [Emitted, Optimiser];
  /** Warm-up, cosine and clipping. */
  readonly isScheduled?: boolean;
  /** Whether convolutions have biases, and whether they are trained. */
  readonly biases?: 'trained' | 'at rest';
}

const adam = (weightDecay: number): Case['optimisers'] => [
  adamw({ weightDecay }),
  { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay },
];

const nesterov = (weightDecay: number): Case['optimisers'] => [
  sgd({ nesterov: true, weightDecay }),
  { kind: 'sgd', momentum: 0.9, weightDecay },
];

const cases: readonly (readonly [string, Case])[] = [
  ['Adam', { rate: 0.003, optimisers: adam(0) }],
  ['AdamW, clipped, after a warm-up along a cosine', { rate: 0.01, optimisers: adam(0.1), isScheduled: true }],
  ['SGD with Nesterov momentum', { rate: 0.03, optimisers: nesterov(0) }],
  ['SGD with decay, clipped, on the schedule', { rate: 0.1, optimisers: nesterov(5e-4), isScheduled: true }],
  ['SGD with biases of convolutions', { rate: 0.03, optimisers: nesterov(5e-4), biases: 'trained' }],
  ['AdamW beside biases of convolutions at rest', { rate: 0.01, optimisers: adam(0.1), biases: 'at rest' }],
];

describe('twenty steps of a fully convolutional network with BatchNormalization', () => {
  test.each(cases)('end where those in float64 do: %s', async (_, settings) => {
    const { start, found, expected, losses } = await bothOf(settings);
    expect(losses).toHaveLength(steps);
    expect(worst(losses.map((loss, i) => loss - expected.losses[i]!))).toBeLessThan(tolerance);
    const moved = [...start.keys()].filter((name) => settings.biases !== 'at rest' || !isConvolutionBias(name));
    expect([...found.keys()].sort()).toEqual(moved.sort());
    expect(worst(distances(found, expected.weights).values())).toBeLessThan(tolerance);
    // the way is long against what is allowed, for weights and running statistics alike
    const ways = [...distances(found, start)];
    for (const kind of [/conv\d.weight/, /bn\d.weight/, /bn\d.bias/, /fc/, /running_mean/, /running_var/])
      expect(worst(ways.flatMap(([name, way]) => (kind.test(name) ? [way] : [])))).toBeGreaterThan(100 * tolerance);
  });

  test('what is kept says of series what float64 says of them', async () => {
    const { model, found, expected } = await bothOf(cases[1]![1]);
    const [{ x }] = fixedBatches(1) as [Batch];
    const moving = [...model.initializers.keys()].filter(({ name }) => found.has(name));
    const judged = await evaluator(model, moving, { threads: 1 });
    try {
      const logits = await judged.logits(seriesOf(fixedBatches(1)), found);
      const own = logitsOf(expected.weights, x, 1e-5).values;
      expect(logits).toHaveLength(own.length);
      expect(worst(own.map((value, i) => value - logits[i]!))).toBeLessThan(tolerance);
    } finally {
      await judged.release();
    }
  });

  // The exact gradient of such a bias is 0. What rounding leaves of it Adam scales to whole steps: the biases wander, running means follow
  // them, and nothing else notices.
  test('Adam takes all to where float64 does but biases in front of a BatchNormalization', async () => {
    const { start, found, expected, losses } = await bothOf({ rate: 0.01, optimisers: adam(0), biases: 'trained' });
    expect(worst(losses.map((loss, i) => loss - expected.losses[i]!))).toBeLessThan(tolerance);
    const isShifted = (name: string): boolean => isConvolutionBias(name) || name.endsWith('running_mean');
    const others = [...distances(found, expected.weights)].filter(([name]) => !isShifted(name));
    expect(others).toHaveLength(14);
    expect(worst(others.map(([, distance]) => distance))).toBeLessThan(tolerance);
    for (const i of [1, 2, 3]) {
      const [before, after] = [start, expected.weights].map((weights) => weights.get(`conv${i}.bias`)!.values);
      expect(worst(after!.map((value, at) => value - before![at]!))).toBeLessThan(1e-8);
    }
  });
});

/** What both sides make of a case. */
async function bothOf({ rate, optimisers: [own, other], isScheduled, biases }: Case) {
  const start = fixedWeights(biases !== undefined);
  const model = fcnModel(start);
  const form = trainingForm(model, (copy) =>
    trainableOf(copy).filter(({ name }) => biases !== 'at rest' || !isConvolutionBias(name)),
  );
  const data = seriesOf(fixedBatches(steps));
  const problem = await trainingProblem(
    form,
    supervised,
    {},
    { labelled: data, unlabelled: data },
    {
      sizes: { labelled: series, unlabelled: series, channels, length, classes },
      views: { augmented: none, weak: none, strong: none },
      steps,
      seed: 0,
    },
  );
  const trained = await train(problem, model, undefined, {
    optimiser: own,
    rate,
    steps,
    every: 1,
    threads: 1,
    ...(isScheduled && { schedule: withWarmUp(schedules.cosine, 5 / steps), clip: largestNorm }),
  });
  const expected = trainFcn({
    weights: start,
    batches: Array.from({ length: steps }, (_, step) => batchOf(problem, step)),
    steps,
    optimiser: other,
    rate,
    ...(isScheduled && { schedule: warmUpThenCosine(5), clip: largestNorm }),
    ...(biases === 'at rest' && { frozen: new Set([...start.keys()].filter(isConvolutionBias)) }),
  });
  return { model, start, found: trained.best.weights, losses: trained.curve.map(({ loss }) => loss), expected };
}

function seriesOf(batches: readonly Batch[]): LabelledSeries {
  const all = batches.flatMap(({ x }) => [...x.values]);
  const labels = Int32Array.from(batches.flatMap(({ labels: own }) => [...own]));
  return { count: labels.length, channels, length, values: Float32Array.from(all), labels };
}

/** What the training feeds at a step: of rank 3 the series, of rank 2 their classes, one-hot. */
function batchOf({ batches }: FitProblem, step: number): Batch {
  const fed = [...batches.at(step).values()];
  const x = fed.find(({ shape }) => shape.length === 3)!;
  const hot = floatsOf(fed.find(({ shape }) => shape.length === 2)!);
  const labels = Int32Array.from({ length: series }, (_, n) => hot.subarray(n * classes, (n + 1) * classes).indexOf(1));
  return { x: { shape: x.shape, values: Float64Array.from(floatsOf(x)) }, labels };
}

const worst = (values: Iterable<number>): number => Math.max(...[...values].map(Math.abs));
