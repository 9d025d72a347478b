/** The terms of each algorithm, again in float64: from what networks said in the step, and what was fed to it. */
import { describe, expect, test } from 'vitest';
import { random } from '../../../src/tensor/random.js';
import { type AlgorithmName, algorithms } from '../../../src/train/algorithms/index.js';
import { views } from '../../../src/train/views/index.js';
import { small, waves } from '../small.js';
import {
  crossEntropies,
  crossEntropy,
  divergence,
  inRowsOf,
  largest,
  mean,
  mixture,
  softmax,
  squaredDistance,
  sum,
} from './by-hand.js';
import { type Observed, observed, type Rows } from './observed.js';

const shape = { channels: 2, length: 16, classes: 3, width: 8 };
const steps = 10;
const step = 3;
const [labelled, unlabelled] = [4, 6];
const data = { labelled: waves(9, shape, 20), unlabelled: waves(15, shape, 21) };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

/** What is asked of an algorithm, and the terms that follow; not there: its loss is made of other passes, and has a file of its own. */
interface Case {
  readonly options?: Readonly<Record<string, number>>;
  terms(seen: Observed, labels: Rows, truth: Rows): Readonly<Record<string, number>>;
  /** Shares that are told besides. */
  told?(seen: Observed, truth: Rows): Readonly<Record<string, number>>;
}

const linear = (share: number): number => Math.min(1, step / (share * steps));
const sigmoid = (share: number): number => Math.exp(-5 * (1 - Math.min(1, step / (share * steps))) ** 2);

/** How many of the guesses that count are right. */
function right(guesses: Rows, truth: Rows, counts = guesses.map(() => 1)): number {
  const hits = guesses.map((guess, i) => sum(largest(guess).map((each, c) => each * truth[i]![c]!)));
  return sum(hits.map((hit, i) => hit * counts[i]!)) / sum(counts);
}

const sureOf = (logits: Rows, threshold: number): number[] =>
  logits.map((row) => (Math.max(...softmax(row)) >= threshold ? 1 : 0));

/** The guess of each row counts where it is sure. */
const guessed = (logits: Rows, of: Rows, threshold: number): number =>
  mean(crossEntropies(logits, of.map(largest)).map((each, i) => each * sureOf(of, threshold)[i]!));

const cases: Readonly<Record<Exclude<AlgorithmName, 'ladder'>, Case>> = {
  supervised: { terms: ({ passes: [pass] }, labels) => ({ supervised: mean(crossEntropies(pass!.logits, labels)) }) },
  'fully-labelled': {
    terms: ({ passes: [pass] }, labels, truth) => ({
      supervised: mean(crossEntropies(pass!.logits, [...labels, ...truth])),
    }),
  },
  'pseudo-label': {
    options: { weight: 2, rampUp: 0.6, threshold: 0.41 },
    terms: ({ passes: [pass] }, labels) => {
      const own = pass!.logits.slice(labelled);
      return {
        supervised: mean(crossEntropies(pass!.logits.slice(0, labelled), labels)),
        unlabelled: 2 * linear(0.6) * guessed(own, own, 0.41),
      };
    },
    told: ({ passes: [pass] }, truth) => {
      const own = pass!.logits.slice(labelled);
      const counts = sureOf(own, 0.41);
      return { utilisation: mean(counts), 'pseudo-label accuracy': right(own, truth, counts) };
    },
  },
  'pi-model': {
    options: { weight: 20, rampUp: 0.6 },
    terms: ({ passes: [one, other] }, labels) => ({
      supervised: mean(crossEntropies(one!.logits.slice(0, labelled), labels)),
      agreement: 20 * sigmoid(0.6) * squaredDistance(one!.logits.map(softmax), other!.logits.map(softmax)),
    }),
    told: ({ passes: [one] }, truth) => ({ 'pseudo-label accuracy': right(one!.logits.slice(labelled), truth) }),
  },
  'mean-teacher': {
    options: { weight: 20, rampUp: 0.6 },
    terms: ({ passes: [student, teacher] }, labels) => ({
      supervised: mean(crossEntropies(student!.logits.slice(0, labelled), labels)),
      agreement: 20 * sigmoid(0.6) * squaredDistance(student!.logits.map(softmax), teacher!.logits.map(softmax)),
    }),
    told: ({ passes: [, teacher] }, truth) => ({
      'pseudo-label accuracy': right(teacher!.logits.slice(labelled), truth),
    }),
  },
  vat: {
    options: { radius: 1.5, weight: 2, entropy: 0.5 },
    terms: ({ passes }, labels) => {
      const [known, clean, , pushed] = passes;
      return {
        supervised: mean(crossEntropies(known!.logits, labels)),
        divergence: 2 * mean(clean!.logits.map((row, i) => divergence(softmax(row), pushed!.logits[i]!))),
        entropy: 0.5 * mean(clean!.logits.map((row) => crossEntropy(row, softmax(row)))),
      };
    },
    told: ({ passes: [, clean] }, truth) => ({ 'pseudo-label accuracy': right(clean!.logits, truth) }),
  },
  mixmatch: {
    options: { weight: 30, rampUp: 0.6, views: 3, temperature: 0.25 },
    terms: ({ passes: [views, mixed], fed }, labels) => {
      const guesses = sharpened(views!.logits);
      const targets = mixture([...labels, ...guesses, ...guesses, ...guesses], fed);
      return {
        supervised: mean(crossEntropies(mixed!.logits.slice(0, labelled), targets.slice(0, labelled))),
        unlabelled:
          30 * linear(0.6) * squaredDistance(mixed!.logits.slice(labelled).map(softmax), targets.slice(labelled)),
      };
    },
    told: ({ passes: [views] }, truth) => ({
      'pseudo-label accuracy': right(sharpened(views!.logits), truth),
      'guess confidence': mean(averaged(views!.logits).map((row) => Math.max(...row))),
    }),
  },
  fixmatch: {
    options: { threshold: 0.41, weight: 2 },
    terms: ({ passes: [pass] }, labels) => {
      const [weak, strong] = [
        pass!.logits.slice(labelled, labelled + unlabelled),
        pass!.logits.slice(labelled + unlabelled),
      ];
      return {
        supervised: mean(crossEntropies(pass!.logits.slice(0, labelled), labels)),
        unlabelled: 2 * guessed(strong, weak, 0.41),
      };
    },
    told: ({ passes: [pass] }, truth) => {
      const weak = pass!.logits.slice(labelled, labelled + unlabelled);
      const counts = sureOf(weak, 0.41);
      return { utilisation: mean(counts), 'pseudo-label accuracy': right(weak, truth, counts) };
    },
  },
  'self-supervised': {
    options: { horizon: 0.25, stride: 0.2, weight: 3 },
    terms: ({ passes: [known, past], fed }, labels) => ({
      supervised: mean(crossEntropies(known!.logits, labels)),
      forecast:
        3 *
        mean(
          past!.features.map((features, i) =>
            forecastMiss(features, inRowsOf(fed['unlabelled/none/0']!, 16).slice(2 * i, 2 * i + 2), fed.cut![i]!),
          ),
        ),
    }),
  },
};

/** Means over three views. */
const averaged = (logits: Rows): Rows =>
  Array.from({ length: unlabelled }, (_, i) => {
    const views = [0, 1, 2].map((k) => softmax(logits[k * unlabelled + i]!));
    return views[0]!.map((_, c) => mean(views.map((view) => view[c]!)));
  });

const sharpened = (logits: Rows): Rows =>
  averaged(logits).map((row) => {
    const powers = row.map((share) => share ** 4);
    return powers.map((power) => power / sum(powers));
  });

/** Mean squared error of a quarter of 16 steps, on a grid of 3 steps that ends where the last cut may be. */
function forecastMiss(features: readonly number[], series: Rows, where: number): number {
  const cut = 12 - 3 * Math.floor(where * 4);
  const bound = 1 / Math.sqrt(features.length);
  const weights = random(0, 'forecast').uniforms(features.length * 8);
  const foretold = Array.from({ length: 8 }, (_, at) =>
    sum(features.map((each, i) => each * (2 * weights[i * 8 + at]! - 1) * bound)),
  );
  return mean(
    series.flatMap((channel, c) => channel.slice(cut, cut + 4).map((value, i) => (value - foretold[c * 4 + i]!) ** 2)),
  );
}

describe.each(Object.entries(cases))('%s', (name, { options = {}, terms, told }) => {
  const own = small({
    algorithm: algorithms[name as AlgorithmName] as never,
    options,
    shape,
    data,
    views: allViews,
    steps,
    labelledBatch: labelled,
    unlabelledBatch: unlabelled,
  });
  const seen = observed(own, { step });
  const classesOf = async (part: string): Promise<Rows> => inRowsOf((await seen).fed[`${part}/classes`] ?? [], 3);

  test('has the terms that its paper says', async () => {
    const expected = terms(await seen, await classesOf('labelled'), await classesOf('unlabelled'));
    const { terms: found } = await seen;
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [term, value] of Object.entries(expected)) {
      expect(value).toBeGreaterThan(1e-6);
      expect(Math.abs(found[term]! - value) / Math.max(1e-3, value)).toBeLessThan(1e-4);
    }
  });

  if (told)
    test('tells what it makes of unlabelled series', async () => {
      const expected = told(await seen, await classesOf('unlabelled'));
      const { told: found } = await seen;
      for (const [share, value] of Object.entries(expected)) expect(found[share]).toBeCloseTo(value, 5);
    });
});
