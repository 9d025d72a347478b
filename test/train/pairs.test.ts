/** Every algorithm steps with every backbone, or says why not. */
import { describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { type AlgorithmName, algorithms } from '../../src/train/algorithms/index.js';
import { type BackboneName, backbones } from '../../src/train/backbones/index.js';
import { canonical } from '../../src/train/start/canonical.js';
import { exportedWeights } from '../../src/train/start/exported-weights.js';
import { trainingForm } from '../../src/train/step/training-form.js';
import { train } from '../../src/train/train.js';
import { views } from '../../src/train/views/index.js';
import { shared } from '../helpers/shared.js';
import { problemOf, small, waves } from './small.js';
import { usual } from './trained-by.js';

const shape = { channels: 2, length: 16, classes: 3, width: 4 };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

type Pair = readonly [AlgorithmName, BackboneName];
const all = Object.keys(algorithms) as AlgorithmName[];

/** Networks that take long to compile are tried with what asks most of one: several passes, a gradient within the step, other heads. */
const deep: readonly Pair[] = [
  ['fixmatch', 'inception-time'],
  ['vat', 'resnet'],
  ['ladder', 'resnet'],
  ['ladder', 'inception-time'],
  ['mixmatch', 'transformer'],
  ['self-supervised', 'transformer'],
  ['ladder', 'transformer'],
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

  // its convolutions pad nothing, so that series get shorter from layer to layer
  test.each(['mean-teacher', 'ladder'] as const)('of %s with a network from PyTorch', async (algorithm) => {
    const path = shared('models/fcn-ucr/CBF_fcn.onnx');
    if (!path) return;
    const extent = { channels: 1, length: 128 };
    const model = canonical(load(path).graph, extent);
    const whole = { ...extent, classes: 3 };
    const data = { labelled: waves(9, whole, 102), unlabelled: waves(12, whole, 103) };
    const own = small({
      algorithm: algorithms[algorithm] as never,
      shape: whole,
      model,
      data,
      steps: 2,
      labelledBatch: 2,
      unlabelledBatch: 2,
    });
    const form = trainingForm(model, exportedWeights);
    const { best, curve } = await train(await problemOf({ ...own, form }), model, undefined, {
      ...usual,
      steps: 2,
      every: 1,
    });
    expect(curve.every(({ loss }) => Number.isFinite(loss) && loss > 0)).toBe(true);
    const named = new Map([...model.initializers].map(([{ name }, t]) => [name, floatsOf(t)]));
    for (const [name, moved] of best.weights)
      if (named.has(name)) expect([...floatsOf(moved)]).not.toEqual([...named.get(name)!]);
    for (const i of [1, 2, 3]) expect(best.weights.has(`conv${i}.bias`)).toBe(false);
  });
});
