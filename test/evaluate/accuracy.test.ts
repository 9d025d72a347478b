import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import { accuracy } from '../../src/evaluate/accuracy.js';
import { load } from '../../src/onnx/load.js';
import { root, temporaryFolder } from '../data/models.js';
import { shared } from '../helpers/shared.js';
import { passing, rows } from './classifiers.js';

const { folder } = temporaryFolder();
const logits = [
  [3, 1, 2, 0, -1, -2],
  [1, 1, 1, 1, 1, 1],
  [9, 8, 7, 6, 5, 4],
];

describe('accuracy', () => {
  test('counts the highest, and the five highest; of equal logits the first class wins', async () => {
    expect(await accuracy(passing(6), rows(logits, [0, 0, 4]), { batch: 2 })).toEqual({
      top1: 2 / 3,
      top5: 1,
      samples: 3,
      classes: 6,
    });
    expect(await accuracy(passing(6), rows(logits, [1, 1, 5]))).toMatchObject({ top1: 0, top5: 2 / 3 });
    expect(await accuracy(passing(6), rows(logits, [0, 0, 4], 2))).toMatchObject({ top1: 2 / 3 });
    expect(await accuracy(passing(2), rows([[1, 2]], [1]))).toEqual({ top1: 1, samples: 1, classes: 2 });
  });

  test('a single output is class 1 when positive, or above a half after a Sigmoid', async () => {
    const samples = rows([[-1], [2], [0.4], [-3]], [0, 1, 0, 0]);
    expect(await accuracy(passing(1), samples)).toEqual({ top1: 0.75, samples: 4, classes: 2 });
    expect(await accuracy(passing(1, ['Neg', 'Sigmoid']), samples)).toMatchObject({ top1: 0.25 });
  });

  test.each([
    [
      'unlabelled samples',
      passing(2),
      rows([[1, 2]]),
      "accuracy: expected labelled samples, got none; add an array named 'labels', or say which column holds them (--label-column)",
    ],
    [
      'labels beyond the classes',
      passing(2),
      rows([[1, 2]], [2]),
      "accuracy: expected labels below 2, the model's classes, got 2 for sample 0",
    ],
    [
      'logits that are not numbers',
      passing(2),
      rows(
        [
          [1, 2],
          [Number.NaN, 0],
        ],
        [1, 0],
      ),
      'accuracy: expected numbers, got NaN for sample 1; look for NaN or overflow in the data and the model',
    ],
  ])('refuses %s', async (_, graph, samples, message) => {
    await expect(accuracy(graph, samples)).rejects.toThrow(message);
  });
});

describe('real classifiers', () => {
  const resnet = shared('models/resnet20-cifar10/resnet20_cifar10.onnx');
  const images = shared('data/cifar10/test-300.bin');
  test.skipIf(!resnet || !images)('ResNet-20 is right on 93.0 % of the test images', async () => {
    const arrays = made('make-cifar-npz.mjs', images!);
    const { graph } = load(resnet!);
    const result = await accuracy(graph, await openSamples(graph, [arrays]));
    expect(result).toMatchObject({ top1: 0.93, samples: 300, classes: 10 });
  });

  const fcn = shared('models/fcn-ucr/ItalyPowerDemand_fcn.onnx');
  const facts = shared('models/fcn-ucr/accuracy.json');
  const series = shared('data/ucr/ItalyPowerDemand/ItalyPowerDemand_TEST.npy');
  test.skipIf(!fcn || !facts || !series)(
    'the FCN of ItalyPowerDemand is right on 91.4 % of the test series',
    async () => {
      const arrays = made('make-ucr-npz.mjs', series!, facts!, 'ItalyPowerDemand');
      const { graph } = load(fcn!);
      const result = await accuracy(graph, await openSamples(graph, [arrays]));
      expect(result.top1).toBeCloseTo(0.914, 4);
    },
  );
});

/** Runs a script of the project that writes a .npz, and gives its path. */
function made(script: string, ...options: readonly string[]): string {
  const output = join(folder, `${script}.npz`);
  execFileSync(process.execPath, [join(root, 'scripts', script), ...options, output]);
  return output;
}
