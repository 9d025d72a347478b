/** Algorithms with what they add switched off, and at the start: then it is known what they do. */
import { describe, expect, test } from 'vitest';
import { sgd } from '../../../src/optim/index.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import { type Algorithm, algorithm } from '../../../src/train/algorithm.js';
import { type AlgorithmName, algorithms } from '../../../src/train/algorithms/index.js';
import { supervisedTerm } from '../../../src/train/parts/supervised-term.js';
import { joined, rows } from '../../../src/train/parts/terms.js';
import type { Fed, Scope } from '../../../src/train/step/scope.js';
import { train } from '../../../src/train/train.js';
import { views } from '../../../src/train/views/index.js';
import { problemOf, type Small, small, waves } from '../small.js';
import { observed } from './observed.js';

const shape = { channels: 1, length: 16, classes: 2, width: 8 };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };
const labelled = waves(8, shape, 30);
const unlabelled = waves(24, shape, 31);
const data = { labelled, unlabelled: { ...unlabelled, labels: unlabelled.labels.map(() => -1) } };

const usual = { shape, data, views: allViews, steps: 5 };

async function trainedBy(changes: Pick<Small, 'algorithm'> & Partial<Small>): Promise<number[][]> {
  const own = small({ ...usual, ...changes });
  const { steps } = own;
  const settings = { optimiser: sgd(), rate: 0.1, steps, every: steps, threads: 1 };
  const { best } = await train(await problemOf(own), own.model, undefined, settings);
  return own.form.weights.map(({ name }) => [...floatsOf(best.weights.get(name)!)]);
}

function startOf(algorithm: Algorithm): number[][] {
  const { graph, weights } = small({ ...usual, algorithm }).form;
  return weights.map((weight) => [...floatsOf(graph.initializers.get(weight)!)]);
}

const farthest = (a: number[][], b: number[][]): number =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i]![j]!))));

/** Cross-entropy of the first series of what is put together, which a BatchNormalization sees together. */
const supervisedAmong = (batches: (scope: Scope) => readonly Fed[]): Algorithm =>
  algorithm({
    name: 'supervised among others',
    description: '',
    options: {},
    folded: '',
    async loss(scope) {
      const { logits } = await scope.student(joined(scope.g, batches(scope)));
      return { supervised: supervisedTerm(scope, rows(scope.g, logits, 0, scope.sizes.labelled), scope.labels) };
    },
  }) as Algorithm;

const { augmented, weak, strong } = allViews;
const withOthers = (scope: Scope) => [scope.labelled(augmented), scope.unlabelled(augmented)];
const off: readonly (readonly [AlgorithmName, Readonly<Record<string, number>>, (scope: Scope) => readonly Fed[]])[] = [
  ['fully-labelled', {}, withOthers],
  ['pseudo-label', { threshold: 1.01 }, withOthers],
  ['pi-model', { weight: 0 }, withOthers],
  ['mean-teacher', { weight: 0 }, withOthers],
  ['vat', { weight: 0 }, (scope) => [scope.labelled(augmented)]],
  ['vat', { radius: 0 }, (scope) => [scope.labelled(augmented)]],
  [
    'fixmatch',
    { threshold: 1.01 },
    (scope) => [scope.labelled(weak), scope.unlabelled(weak), scope.unlabelled(strong, 1)],
  ],
  ['self-supervised', { weight: 0 }, (scope) => [scope.labelled(augmented)]],
];

describe('with what it adds switched off an algorithm is supervised training', () => {
  test.each(off)('%s, %o', async (name, options, batches) => {
    const found = await trainedBy({ algorithm: algorithms[name] as never, options });
    const reference = supervisedAmong(batches);
    const expected = await trainedBy({ algorithm: reference });
    expect(farthest(expected, startOf(reference))).toBeGreaterThan(0.01);
    expect(farthest(found, expected)).toBeLessThan(1e-5);
  });
});

const still: readonly (readonly [AlgorithmName, Readonly<Record<string, number>>, string])[] = [
  ['pi-model', {}, 'agreement'],
  ['mean-teacher', {}, 'agreement'],
  ['vat', { radius: 0 }, 'divergence'],
  ['pseudo-label', { threshold: 1.01 }, 'unlabelled'],
  ['fixmatch', { threshold: 1.01 }, 'unlabelled'],
];

describe('on views that are the same, before the first step', () => {
  test.each(still)('%s has nothing to say: %o', async (name, options, term) => {
    const own = small({ algorithm: algorithms[name] as never, options, shape, data });
    const { terms } = await observed(own, { step: 0 });
    expect(Math.abs(terms[term]!)).toBeLessThan(1e-7);
    expect(terms.supervised).toBeGreaterThan(0.1);
  });
});
