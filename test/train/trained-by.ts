/** Whole trainings of a few steps, and all that they say on the way. */
import { adamw } from '../../src/optim/index.js';
import { floatsOf } from '../../src/tensor/convert.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { type TrainOptions, type TrainProgress, train } from '../../src/train/train.js';
import { views } from '../../src/train/views/index.js';
import { problemOf, type Small, small, waves } from './small.js';

const shape = { channels: 1, length: 16, classes: 2, width: 4 };
export const data = { labelled: waves(8, shape, 60), unlabelled: waves(24, shape, 61) };
export const validation = waves(12, shape, 62);
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };
export const usual = {
  optimiser: adamw({ weightDecay: 0.01 }),
  rate: 0.01,
  steps: 6,
  every: 2,
  threads: 1,
} satisfies TrainOptions;

export async function trainedBy(
  changes: Partial<Small> & Pick<Small, 'algorithm'>,
  options: Partial<TrainOptions> = {},
  judged = true,
) {
  const settings = { ...usual, ...options };
  const own = small({ shape, data, views: allViews, steps: settings.steps, ...changes });
  const problem = await problemOf(own);
  const progress: TrainProgress[] = [];
  const trained = await train(problem, own.model, judged ? validation : undefined, {
    ...settings,
    onProgress: (each) => void progress.push(each),
  });
  return { own, problem, progress, trained };
}

export const numbers = (tensors: ReadonlyMap<string, Tensor> | undefined) =>
  Object.fromEntries([...(tensors ?? [])].map(([name, t]) => [name, [...floatsOf(t)]]));
