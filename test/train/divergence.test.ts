import { expect, test } from 'vitest';
import type { LabelledSeries } from '../../src/data/series.js';
import { UserError } from '../../src/errors.js';
import { sgd } from '../../src/optim/index.js';
import { random } from '../../src/tensor/random.js';
import { supervised } from '../../src/train/algorithms/supervised.js';
import { backbones } from '../../src/train/backbones/index.js';
import { isDivergence } from '../../src/train/divergence.js';
import { trainableOf } from '../../src/train/start/trainable.js';
import { trainingProblem } from '../../src/train/step/problem.js';
import { trainingForm } from '../../src/train/step/training-form.js';
import { train } from '../../src/train/train.js';
import { none } from '../../src/train/views/index.js';

const sizes = { labelled: 4, unlabelled: 4, channels: 1, length: 12, classes: 2 };

test('a rate that is far too high ends training in a divergence, and other errors are none', async () => {
  const data: LabelledSeries = {
    count: 8,
    channels: 1,
    length: 12,
    values: random(0, 'series').normals(8 * 12),
    labels: Int32Array.from({ length: 8 }, (_, i) => i % 2),
  };
  const model = backbones.fcn.build({ channels: 1, length: 12, classes: 2, width: 4 }, 0);
  const problem = await trainingProblem(
    trainingForm(model, trainableOf),
    supervised,
    {},
    { labelled: data, unlabelled: data },
    { sizes, views: { augmented: none, weak: none, strong: none }, steps: 20, seed: 0 },
  );
  const options = { optimiser: sgd(), rate: 1e30, steps: 20, every: 20, threads: 1 };
  const error: unknown = await train(problem, model, undefined, options).then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  expect(error).toMatchObject({
    message: expect.stringMatching(
      /^train: expected a finite loss, got (NaN|Infinity|-Infinity) at step \d+; take a lower learning rate, or clip gradients$/,
    ),
    exitCode: 2,
  });
  expect(isDivergence(error)).toBe(true);
  expect(isDivergence(new UserError('train', 'expected a finite loss'))).toBe(false);
  expect(isDivergence(new Error('train'))).toBe(false);
});
