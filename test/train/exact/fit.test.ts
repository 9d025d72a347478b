/** Twenty steps of training on graphs against the same steps in float64. */
import { describe, expect, test } from 'vitest';
import { type FitOptions, type FitProgress, fit } from '../../../src/fit/index.js';
import { adamw, schedules, sgd, withWarmUp } from '../../../src/optim/index.js';
import { compile } from '../../../src/runtime/program.js';
import type { Tensor } from '../../../src/tensor/tensor.js';
import { type Optimiser, warmUpThenCosine } from './descend.js';
import { distances } from './distances.js';
import { type FcnGraph, fcnGraph, fedOf } from './fcn-graph.js';
import { fixedBatches, fixedWeights } from './fixed.js';
import { type TrainFcnOptions, trainFcn } from './train-fcn.js';

const steps = 20;
const batches = fixedBatches(steps);

interface Case {
  readonly rate: number;
  /** Of the graph and of the float64 network. */
  readonly optimisers: readonly [FitOptions['optimiser'], Optimiser];
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

const largestNorm = 0.5;

/** What both sides make of a case. */
async function bothOf({ rate, optimisers: [own, other], isScheduled, biases }: Case) {
  const weights = fixedWeights(biases !== undefined);
  const { graph, loss, weights: all } = fcnGraph(weights, batches[0]!);
  const trained = biases === 'at rest' ? all.filter(({ name }) => !isConvolutionBias(name)) : all;
  const reference: TrainFcnOptions = {
    weights,
    batches,
    steps,
    optimiser: other,
    rate,
    ...(isScheduled && { schedule: warmUpThenCosine(5), clip: largestNorm }),
    ...(biases === 'at rest' && { frozen: new Set([...weights.keys()].filter(isConvolutionBias)) }),
  };
  let end: FitProgress | undefined;
  await fit(
    { graph, loss, weights: trained, batches: { count: steps, at: (i) => fedOf(batches[i]!) } },
    {
      optimiser: own,
      rate,
      epochs: 1,
      threads: 1,
      ...(isScheduled && { schedule: withWarmUp(schedules.cosine, 5 / steps), clip: largestNorm }),
      onEpoch: (progress) => void (end = progress),
    },
  );
  return { found: end!, expected: trainFcn(reference) };
}

const isConvolutionBias = (name: string): boolean => /^conv\d\.bias$/.test(name);

const worst = (values: Iterable<number>): number => Math.max(...values);

describe('twenty steps of a fully convolutional network with BatchNormalization', () => {
  test.each(cases)('end where those in float64 do: %s', async (_, settings) => {
    const { found, expected } = await bothOf(settings);
    expect(found.losses).toHaveLength(steps);
    expect(worst(found.losses.map((loss, i) => Math.abs(loss - expected.losses[i]!)))).toBeLessThan(1e-5);
    expect(worst(distances(found.state.weights, expected.weights).values())).toBeLessThan(1e-5);
    // the path is long against what is allowed
    expect(worst(distances(found.state.weights, fixedWeights(settings.biases !== undefined)).values())).toBeGreaterThan(
      0.01,
    );
  });

  // its exact gradient is 0, what rounding leaves of it is scaled to whole steps by Adam: these biases wander, and nothing else sees it
  test('Adam takes everything but biases in front of a BatchNormalization to where float64 does', async () => {
    const { found, expected } = await bothOf({ rate: 0.01, optimisers: adam(0), biases: 'trained' });
    const all = [...distances(found.state.weights, expected.weights)];
    expect(worst(found.losses.map((loss, i) => Math.abs(loss - expected.losses[i]!)))).toBeLessThan(1e-5);
    expect(worst(all.flatMap(([name, each]) => (isConvolutionBias(name) ? [] : [each])))).toBeLessThan(1e-5);
    const start = fixedWeights(true);
    for (const [name, { values }] of expected.weights)
      if (isConvolutionBias(name))
        expect(worst(values.map((value, i) => Math.abs(value - start.get(name)!.values[i]!)))).toBeLessThan(1e-8);
  });

  test('a forward in training mode blends running statistics as ONNX says, with biased variances', async () => {
    const weights = fixedWeights();
    const { weights: expected } = trainFcn({ weights, batches, steps: 1, rate: 0, optimiser: nesterov(0)[1] });
    const found = await runningOf(fcnGraph(weights, batches[0]!));
    expect(found.size).toBe(6);
    expect(worst(distances(found, expected).values())).toBeLessThan(1e-6);
    expect(worst(distances(found, weights).values())).toBeGreaterThan(0.01);
  });
});

/** The running statistics that the graph puts out for the first batch. */
async function runningOf({ graph, running }: FcnGraph): Promise<Map<string, Tensor>> {
  const program = await compile({ ...graph, outputs: [...running.values()] }, { threads: 1 });
  try {
    const fed = fedOf(batches[0]!);
    const results = await program.run(new Map(program.inputs.map((input) => [input, fed.get(input.name)!])));
    const named = new Map([...results].map(([{ name }, tensor]) => [name, tensor as Tensor]));
    return new Map([...running].map(([name, value]) => [name, named.get(value.name)!]));
  } finally {
    await program.release();
  }
}
