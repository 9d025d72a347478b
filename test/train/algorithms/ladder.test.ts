/** Ladder networks against float64, from the series on; and which networks are none. */
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../../src/errors.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { random } from '../../../src/tensor/random.js';
import { algorithms } from '../../../src/train/algorithms/index.js';
import type { BackboneName, BackboneShape } from '../../../src/train/backbones/index.js';
import {
  batchNormalization,
  convolution,
  type Floats,
  globalAveragePool,
  linear,
  relu,
  zeros,
} from '../exact/layers.js';
import { type Small, small, waves } from '../small.js';
import { crossEntropies, inRowsOf, mean, softmax } from './by-hand.js';
import { type Observed, observed } from './observed.js';

const shape: BackboneShape = { channels: 2, length: 16, classes: 3, width: 8 };
const data = { labelled: waves(9, shape, 50), unlabelled: waves(15, shape, 51) };
const size = 10;
const epsilon = 1e-5;

const ladderOf = (changes: Partial<Small> = {}) =>
  small({ algorithm: algorithms.ladder as never, shape, data, ...changes });

const zip = (a: Floats, b: Floats, of: (a: number, b: number) => number): Floats => ({
  shape: a.shape,
  values: a.values.map((each, i) => of(each, b.values[i]!)),
});

/** By channel, of mean 0 and deviation 1: logits [series, classes] are taken as one step. */
function standardised(x: Floats): Floats {
  const [count, channels, length = 1] = x.shape as [number, number, number?];
  const plain = (value: number): Floats => ({ shape: [channels], values: new Float64Array(channels).fill(value) });
  return {
    ...batchNormalization({ ...x, shape: [count, channels, length] }, plain(1), plain(0), epsilon).y,
    shape: x.shape,
  };
}

/** Rows of a bank, begun where the step says, those of the channels of a series a prime apart. */
function noiseOf(name: string, size: readonly number[], { fed }: Observed): Floats {
  const [count, channels, length] = size as [number, number, number];
  const rows = Math.floor(2 ** 19 / length);
  const bank = banks.get(length) ?? random(0, `noise ${length}`).normals(rows * length);
  banks.set(length, bank);
  const noise = zeros(size);
  for (let n = 0; n < count; n++)
    for (let c = 0; c < channels; c++) {
      const row = (fed[`noise/${name}`]![n]! + c * 7919) % rows;
      noise.values.set(bank.subarray(row * length, (row + 1) * length), (n * channels + c) * length);
    }
  return noise;
}
const banks = new Map<number, Float32Array>();

/** The combinator as it starts: z + z u + sigmoid(z). */
const combined = (z: Floats, u: Floats): Floats => zip(z, u, (a, b) => a + a * b + 1 / (1 + Math.exp(-a)));

/** A layer down as it starts. */
function decoded(x: Floats, name: string, to: number, kernel: number): Floats {
  const from = x.shape[1]!;
  const drawn = random(0, name).uniforms(to * from * kernel);
  const values = Float64Array.from(drawn, (u) => (2 * u - 1) * Math.sqrt(1 / (from * kernel)));
  return standardised(convolution(x, { shape: [to, from, kernel], values }).y);
}

/** Both terms, and what the clean pass makes of the running statistics. */
function expected(own: ReturnType<typeof ladderOf>, seen: Observed, deviation: number) {
  const weights = new Map(
    [...own.form.graph.initializers].map(([{ name }, t]) => [
      name,
      { shape: t.shape, values: Float64Array.from(floatsOf(t)) },
    ]),
  );
  const weight = (name: string): Floats => weights.get(name)!;
  const x: Floats = {
    shape: [size, 2, 16],
    values: Float64Array.from([...seen.fed['labelled/none/0']!, ...seen.fed['unlabelled/none/0']!]),
  };
  const noisy = (name: string, at: Floats): Floats =>
    zip(at, noiseOf(name, at.shape, seen), (a, b) => a + deviation * b);
  const statistics: Record<string, number[]> = {};

  const pass = (isNoisy: boolean) => {
    let h = isNoisy ? noisy('input', x) : x;
    const input = h;
    const levels = [1, 2, 3].map((i) => {
      const before = convolution(h, weight(`conv${i}.weight`)).y;
      const { y, batch } = batchNormalization(before, weight(`bn${i}.weight`), weight(`bn${i}.bias`), epsilon);
      if (!isNoisy) {
        statistics[`bn${i}.running_mean`] = [...batch.mean].map((each) => 0.1 * each);
        statistics[`bn${i}.running_var`] = [...batch.variance].map((each) => 0.9 + 0.1 * each);
      }
      const level = isNoisy ? noisy(`block${i}`, y) : before;
      h = relu(isNoisy ? level : y).y;
      return level;
    });
    return { input, levels, logits: linear(globalAveragePool(h).y, weight('fc.weight'), weight('fc.bias')).y };
  };
  const clean = pass(false);
  const { input, levels, logits } = pass(true);
  // of the size that logits have in this batch
  const spread = [0, 1, 2].map((c) => {
    const own = Array.from({ length: size }, (_, n) => logits.values[n * 3 + c]!);
    return Math.sqrt(mean(own.map((each) => (each - mean(own)) ** 2)) + epsilon);
  });
  const onLogits = noiseOf('logits', [size, 1, 3], seen).values;
  const top: Floats = {
    shape: [size, 3],
    values: logits.values.map((each, i) => each + deviation * onLogits[i]! * spread[i % 3]!),
  };

  const belief = inRowsOf([...top.values], 3).flatMap(softmax);
  let cleaned = combined(top, { shape: [size, 3], values: Float64Array.from(belief) });
  const misses = [zip(standardised(clean.logits), cleaned, (a, b) => (a - b) ** 2)];
  let above: Floats = {
    shape: [size, 3, 16],
    values: Float64Array.from({ length: size * 48 }, (_, i) => cleaned.values[Math.floor(i / 16)]!),
  };
  for (const [i, to, kernel] of [
    [3, 8, 1],
    [2, 16, 3],
    [1, 8, 5],
  ] as const) {
    cleaned = combined(levels[i - 1]!, decoded(above, `ladder/block${i}`, to, kernel));
    misses.push(zip(standardised(clean.levels[i - 1]!), cleaned, (a, b) => (a - b) ** 2));
    above = cleaned;
  }
  misses.push(zip(x, combined(input, decoded(above, 'ladder/input', 2, 7)), (a, b) => (a - b) ** 2));
  const labels = inRowsOf(seen.fed['labelled/classes']!, 3);
  return {
    statistics,
    supervised: mean(crossEntropies(inRowsOf([...top.values], 3).slice(0, 4), labels)),
    cleaning: misses.reduce((sum, { values }) => sum + mean([...values]), 0),
  };
}

describe('a ladder', () => {
  test.each([0.3, 0])('has the terms of float64, its noise of deviation %s', async (noise) => {
    const own = ladderOf({ options: { noise, weight: 0.5 } });
    const seen = await observed(own, {
      step: 2,
      extra: (scope) => Object.fromEntries([...scope.statistics].map(([{ name }, after]) => [name, after])),
    });
    const { supervised, cleaning, statistics } = expected(own, seen, noise);
    expect(seen.terms.supervised).toBeCloseTo(supervised, 4);
    expect(seen.terms.cleaning! / (0.5 * cleaning)).toBeCloseTo(1, 4);
    // running statistics follow the series without noise
    for (const [name, values] of Object.entries(statistics))
      values.forEach((value, i) => {
        expect(seen.extra[name]![0]![i]).toBeCloseTo(value, 4);
      });
  });

  test.each([
    ['fcn', {}],
    ['fcn', { dropout: 0.3 }],
    ['cnn-lstm', {}],
  ] as const)('is made of %s %o', async (backbone, changes) => {
    const { terms } = await observed(ladderOf({ backbone, shape: { ...shape, ...changes } }), { step: 0 });
    for (const term of Object.values(terms)) expect(term).toBeGreaterThan(0.01);
  });

  const notInARow = (got: string): string =>
    `ladder: expected blocks of convolution (stride 1) and BatchNormalization in a row, got ${got}; take the backbone fcn`;

  test.each([
    ['resnet', {}, notInARow("'net/BatchNormalization_28' behind Relu")],
    ['inception-time', {}, notInARow("'net/BatchNormalization' behind Concat")],
    ['transformer', {}, notInARow('no BatchNormalization behind a convolution')],
    [
      'fcn',
      { masked: true },
      'ladder: expected series of one length, got a network with a mask; pad or cut them to one length',
    ],
  ] as const)('is not made of %s %o', async (backbone: BackboneName, changes, message) => {
    const refused = observed(ladderOf({ backbone, shape: { ...shape, ...changes } }), { step: 0 });
    await expect(refused).rejects.toMatchObject({ message, exitCode: exitCodes.unsupported });
  });
});
