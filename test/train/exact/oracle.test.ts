/** The float64 network that training is held against is held against differences, and against what is known in closed form. */
import { describe, expect, test } from 'vitest';
import { clipped, moverOf, type Optimiser, warmUpThenCosine } from './descend.js';
import { logitsOf, slopesOf, type Weights } from './fcn.js';
import { fixedBatches, fixedWeights } from './fixed.js';
import {
  batchNormalization,
  convolution,
  crossEntropy,
  type Floats,
  globalAveragePool,
  type Layer,
  linear,
  relu,
} from './layers.js';
import { trainFcn } from './train-fcn.js';

const step = 1e-5;

const sized = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Numbers in [-1, 1] without a pattern, none of them within 1e-3 of 0. */
const waves = (shape: readonly number[], phase: number): Floats => ({
  shape,
  values: Float64Array.from({ length: sized(shape) }, (_, i) => {
    const value = Math.sin(phase + 1.7 * i * i + i);
    return Math.abs(value) < 1e-3 ? 1e-3 : value;
  }),
});

const arrays = (shapes: readonly (readonly number[])[]): Floats[] => shapes.map((shape, i) => waves(shape, i + 0.3));

const moved = ({ shape, values }: Floats, at: number, by: number): Floats => ({
  shape,
  values: values.map((each, i) => (i === at ? each + by : each)),
});

/** The change of `f` with elements of `x`, by their places. */
const differences = (x: Floats, f: (x: Floats) => number, places = [...x.values.keys()]): number[] =>
  places.map((at) => (f(moved(x, at, step)) - f(moved(x, at, -step))) / (2 * step));

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const worst = Array.from(found, (each, i) => Math.abs(each - expected[i]!)).reduce((a, b) => Math.max(a, b), 0);
  expect(worst).toBeLessThan(tolerance);
}

const layers: readonly (readonly [string, (inputs: Floats[]) => Layer, readonly (readonly number[])[]])[] = [
  [
    'convolution',
    ([x, w]) => convolution(x!, w!),
    [
      [2, 3, 6],
      [4, 3, 3],
    ],
  ],
  ['convolution with bias', ([x, w, b]) => convolution(x!, w!, b), [[2, 2, 7], [3, 2, 5], [3]]],
  [
    'convolution, kernel longer than x',
    ([x, w]) => convolution(x!, w!),
    [
      [1, 2, 3],
      [2, 2, 7],
    ],
  ],
  [
    'convolution, even kernel',
    ([x, w]) => convolution(x!, w!),
    [
      [2, 1, 5],
      [2, 1, 4],
    ],
  ],
  ['BatchNormalization', ([x, s, b]) => batchNormalization(x!, s!, b!, 1e-5), [[3, 2, 4], [2], [2]]],
  ['ReLU', ([x]) => relu(x!), [[2, 3, 4]]],
  ['global average pooling', ([x]) => globalAveragePool(x!), [[2, 3, 4]]],
  ['linear', ([x, w, b]) => linear(x!, w!, b!), [[3, 4], [2, 4], [2]]],
  ['cross-entropy', ([x]) => crossEntropy(x!, [2, 0, 1]), [[3, 3]]],
];

describe('layers in float64', () => {
  test.each(layers)('the gradient by hand is that of differences: %s', (_, make, shapes) => {
    const inputs = arrays(shapes);
    const layer = make(inputs);
    const weights = waves(layer.y.shape, 9);
    const found = layer.back(weights);
    inputs.forEach((x, i) => {
      const objective = (other: Floats): number => {
        const { y } = make(inputs.map((each, j) => (j === i ? other : each)));
        return y.values.reduce((sum, each, at) => sum + each * weights.values[at]!, 0);
      };
      expect(found[i]!.shape).toEqual(x.shape);
      expectClose(found[i]!.values, differences(x, objective), 1e-8);
    });
  });

  test('a convolution is the sum that it says, zeros outside', () => {
    const x = { shape: [1, 1, 4], values: Float64Array.of(1, 2, 3, 4) };
    const weight = { shape: [1, 1, 3], values: Float64Array.of(100, 10, 1) };
    const bias = { shape: [1], values: Float64Array.of(0.5) };
    expect([...convolution(x, weight, bias).y.values]).toEqual([12.5, 123.5, 234.5, 340.5]);
  });

  test('BatchNormalization leaves a mean of `bias` and a deviation of `scale`, and tells biased variances', () => {
    const x = { shape: [2, 2, 2], values: Float64Array.of(1, 3, 10, 10, 5, 7, 30, 30) };
    const [scale, bias] = [2, -1].map((value) => ({ shape: [2], values: Float64Array.of(value, value) }));
    const { y, batch } = batchNormalization(x, scale!, bias!, 0);
    expect([...batch.mean]).toEqual([4, 20]);
    expect([...batch.variance]).toEqual([5, 100]);
    expectClose(
      y.values.filter((_, at) => at % 4 > 1),
      [-3, -3, 1, 1],
      1e-12,
    );
  });
});

describe('the network in float64', () => {
  const weights = fixedWeights(true);
  const [batch] = fixedBatches(1) as [ReturnType<typeof fixedBatches>[0]];
  const { gradients, logits } = slopesOf(weights, batch, 1e-5);
  const loss = (changed: Weights): number => slopesOf(changed, batch, 1e-5).loss;

  test.each([...gradients.keys()])('the gradient by hand is that of differences: %s', (name) => {
    const weight = weights.get(name)!;
    // every element of the small ones, and of the others what costs no second
    const places = [...weight.values.keys()].filter((at) => at % Math.ceil(weight.values.length / 16) === 0);
    const expected = differences(weight, (changed) => loss(new Map([...weights, [name, changed]])), places);
    const found = places.map((at) => gradients.get(name)!.values[at]!);
    expectClose(found, expected, 1e-8);
  });

  test('in inference mode, by the statistics of a batch, it says of it what it says in training mode', () => {
    const { statistics } = slopesOf(weights, batch, 1e-5);
    const named = [...statistics].flatMap(([norm, { mean, variance }]): [string, Floats][] => [
      [`${norm}.running_mean`, { shape: [mean.length], values: mean }],
      [`${norm}.running_var`, { shape: [variance.length], values: variance }],
    ]);
    expectClose(logitsOf(new Map([...weights, ...named]), batch.x, 1e-5).values, logits.values, 1e-12);
    expect(logitsOf(weights, batch.x, 1e-5).values[0]).not.toBeCloseTo(logits.values[0]!, 3);
  });

  test('all weights but the running statistics have one', () => {
    const trained = [...weights.keys()].filter((name) => !name.includes('running'));
    expect([...gradients.keys()].sort()).toEqual(trained.sort());
    expect(logits.shape).toEqual([6, 3]);
  });

  test('a bias in front of a BatchNormalization has none: the mean takes it away', () => {
    for (const i of [1, 2, 3]) {
      expect(Math.max(...gradients.get(`conv${i}.bias`)!.values.map(Math.abs))).toBeLessThan(1e-15);
      expect(Math.max(...gradients.get(`conv${i}.weight`)!.values.map(Math.abs))).toBeGreaterThan(1e-3);
    }
  });
});

describe('descent in float64', () => {
  const start = { shape: [3], values: Float64Array.of(1, -2, 0.5) };
  const slope = { shape: [3], values: Float64Array.of(0.2, -3, 1e-3) };
  const reached = (optimiser: Optimiser, steps: number): Float64Array => {
    const move = moverOf(optimiser);
    let weight: Floats = start;
    for (let t = 1; t <= steps; t++) weight = move('w', weight, slope, 0.01, t);
    return weight.values;
  };

  test('under one slope Adam goes a rate a step, whatever the size of the slope', () => {
    const adam = { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 0, weightDecay: 0 } as const;
    expectClose(
      reached(adam, 7),
      start.values.map((w, i) => w - 0.07 * Math.sign(slope.values[i]!)),
      1e-12,
    );
  });

  test('decay takes its share of the weight before the step, and does not pass through the moments', () => {
    const decayed = { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 0, weightDecay: 2 } as const;
    const twice = start.values.map((w, i) => {
      const own = 0.01 * Math.sign(slope.values[i]!);
      return (w * 0.98 - own) * 0.98 - own;
    });
    expectClose(reached(decayed, 2), twice, 1e-12);
  });

  test("under one slope Nesterov's velocity is a geometric sum", () => {
    const steps = 6;
    const velocities = Array.from({ length: steps }, (_, t) => (1 - 0.8 ** (t + 1)) / 0.2);
    const moves = velocities.reduce((sum, velocity) => sum + 1 + 0.8 * velocity, 0);
    const expected = start.values.map((w, i) => w - 0.01 * moves * slope.values[i]!);
    expectClose(reached({ kind: 'sgd', momentum: 0.8, weightDecay: 0 }, steps), expected, 1e-12);
  });

  test('decay is added to the slope of SGD', () => {
    const expected = start.values.map((w, i) => w - 0.01 * (slope.values[i]! + 0.1 * w));
    expectClose(reached({ kind: 'sgd', momentum: 0, weightDecay: 0.1 }, 1), expected, 1e-15);
  });

  test.each([
    [2.5, 0.5],
    [7, 1],
  ])('gradients of joint norm 5 clipped at %s are multiplied by %s', (largest, factor) => {
    const gradients = new Map([
      ['a', { shape: [1], values: Float64Array.of(3) }],
      ['b', { shape: [2], values: Float64Array.of(0, -4) }],
    ]);
    const { a, b } = Object.fromEntries(clipped(gradients, largest));
    expect([...a!.values, ...b!.values]).toEqual([3 * factor, 0 * factor, -4 * factor]);
  });

  test('the rate rises, and then falls as a cosine', () => {
    const shares = Array.from({ length: 7 }, (_, at) => warmUpThenCosine(3)(at, 7));
    expectClose(shares, [0.25, 0.5, 0.75, 1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2], 1e-12);
  });
});

describe('training in float64', () => {
  const batches = fixedBatches(4);
  const settings = { weights: fixedWeights(), batches, steps: 20, rate: 0.1 };
  const sgd = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const;

  test('learns', () => {
    const { losses } = trainFcn({ ...settings, optimiser: sgd });
    expect(losses).toHaveLength(20);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  test('running statistics approach those of a batch that does not change by the momentum a step', () => {
    const { weights } = trainFcn({ ...settings, batches: batches.slice(0, 1), steps: 5, rate: 0, optimiser: sgd });
    const { statistics } = slopesOf(settings.weights, batches[0]!, 1e-5);
    for (const [norm, { mean, variance }] of statistics) {
      for (const [kind, end] of Object.entries({ running_mean: mean, running_var: variance })) {
        const before = settings.weights.get(`${norm}.${kind}`)!.values;
        const left = end.map((value, i) => value + 0.9 ** 5 * (before[i]! - value));
        expectClose(weights.get(`${norm}.${kind}`)!.values, left, 1e-12);
      }
    }
  });

  test('what is frozen stays, and counts for nothing in the norm', () => {
    const frozen = new Set([...settings.weights.keys()].filter((name) => name !== 'fc.bias'));
    const optimiser = { kind: 'sgd', momentum: 0, weightDecay: 0 } as const;
    const { weights } = trainFcn({ ...settings, steps: 1, clip: 1e-3, frozen, optimiser });
    const moves = weights.get('fc.bias')!.values.map((w, i) => w - settings.weights.get('fc.bias')!.values[i]!);
    expect(Math.hypot(...moves)).toBeCloseTo(0.1 * 1e-3, 12);
    expect(weights.get('conv1.weight')).toBe(settings.weights.get('conv1.weight'));
  });
});
