/** Every algorithm steps with every backbone, or says why not. */
import { describe, expect, test } from 'vitest';
import { floatsOf } from '../../src/tensor/convert.js';
import { type AlgorithmName, algorithms } from '../../src/train/algorithms/index.js';
import { type BackboneName, backbones } from '../../src/train/backbones/index.js';
import { train } from '../../src/train/train.js';
import { views } from '../../src/train/views/index.js';
import { problemOf, small, waves } from './small.js';
import { usual } from './trained-by.js';

const shape = { channels: 2, length: 16, classes: 3, width: 4 };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

type Pair = readonly [AlgorithmName, BackboneName];
const all = Object.keys(algorithms) as AlgorithmName[];

/** Those that take long to compile meet what is most of a load: two networks, and a gradient within the step. */
const deep: readonly Pair[] = [
  ['fixmatch', 'inception-time'],
  ['vat', 'resnet'],
  ['ladder', 'resnet'],
  ['ladder', 'inception-time'],
];
const shallow = (Object.keys(backbones) as BackboneName[]).filter((name) => !deep.some(([, other]) => name === other));
const pairs = [...all.flatMap((algorithm) => shallow.map((name): Pair => [algorithm, name])), ...deep];

/** Of series that end where they like. */
const isMasked = (name: BackboneName): boolean => name === 'cnn-lstm' || name === 'resnet';

describe('two steps', () => {
  test.each(pairs)('of %s with %s', async (algorithm, backbone) => {
    const whole = { ...shape, masked: isMasked(backbone), dropout: 0.1 };
    const data = { labelled: waves(9, whole, 100), unlabelled: waves(12, whole, 101) };
    const own = small({
      algorithm: algorithms[algorithm] as never,
      backbone,
      shape: whole,
      data,
      views: allViews,
      steps: 2,
      classWeights: Float32Array.of(0.5, 1, 1.5),
    });
    const attempt = problemOf(own);
    if (algorithm === 'ladder' && backbone !== 'fcn') {
      await expect(attempt).rejects.toThrow(/^ladder: expected /);
      return;
    }
    const { best, curve } = await train(await attempt, own.model, undefined, { ...usual, steps: 2, every: 1 });
    expect(curve.every(({ loss }) => Number.isFinite(loss) && loss > 0)).toBe(true);
    for (const value of own.form.weights) {
      const [before, after] = [own.form.graph.initializers.get(value)!, best.weights.get(value.name)!].map((t) => [
        ...floatsOf(t),
      ]);
      expect(after!.every(Number.isFinite)).toBe(true);
      expect(after).not.toEqual(before);
    }
  });
});
