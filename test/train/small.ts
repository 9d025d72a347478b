/** Small trainings: two waves in noise, networks of a few channels, and problems made of both. */

import type { LabelledSeries } from '../../src/data/series.js';
import type { Graph } from '../../src/ir/types.js';
import { settle } from '../../src/settings/index.js';
import { random } from '../../src/tensor/random.js';
import type { Algorithm } from '../../src/train/algorithm.js';
import { type BackboneName, type BackboneShape, backbones } from '../../src/train/backbones/index.js';
import type { ViewSettings } from '../../src/train/settings.js';
import { trainableOf } from '../../src/train/start/trainable.js';
import type { TrainingSeries } from '../../src/train/step/feeds.js';
import { type ProblemSettings, type TrainingProblem, trainingProblem } from '../../src/train/step/problem.js';
import type { Sizes } from '../../src/train/step/scope.js';
import { type TrainingForm, trainingForm } from '../../src/train/step/training-form.js';
import { none } from '../../src/train/views/index.js';

export interface Small {
  readonly backbone: BackboneName;
  readonly shape: BackboneShape;
  /** Default: the backbone of that shape. */
  readonly model?: Graph;
  readonly algorithm: Algorithm;
  readonly options: Readonly<Record<string, number>>;
  readonly labelledBatch: number;
  readonly unlabelledBatch: number;
  readonly data: TrainingSeries;
  readonly views: ViewSettings;
  readonly steps: number;
  readonly seed: number;
  readonly classWeights?: Float32Array;
  readonly average?: number;
}

export const unseen: ViewSettings = { augmented: none, weak: none, strong: none };

const shape: BackboneShape = { channels: 1, length: 16, classes: 2, width: 8 };

/** All that a training needs, and what is usual of it. */
export function small(
  changes: Partial<Small> & Pick<Small, 'algorithm'>,
): Small & { model: Graph; form: TrainingForm } {
  const own = {
    backbone: 'fcn',
    shape,
    labelledBatch: 4,
    unlabelledBatch: 6,
    views: unseen,
    steps: 6,
    seed: 1,
    options: {},
    ...changes,
  } as const;
  const model = own.model ?? backbones[own.backbone].build(own.shape, own.seed);
  const data = own.data ?? { labelled: waves(8, own.shape, 10), unlabelled: waves(24, own.shape, 11) };
  return { ...own, data, model, form: trainingForm(model, trainableOf) };
}

export const sizesOf = ({ labelledBatch, unlabelledBatch, data, shape: { classes } }: Small): Sizes => {
  const { channels, length } = data.labelled;
  return { labelled: labelledBatch, unlabelled: unlabelledBatch, channels, length, classes };
};

export function problemOf(own: Small & { form: TrainingForm }): Promise<TrainingProblem> {
  const { form, algorithm, options, data, views, steps, seed, classWeights, average } = own;
  const settings: ProblemSettings = {
    ...{ sizes: sizesOf(own), views, steps, seed },
    ...(classWeights && { classWeights }),
    ...(average !== undefined && { average }),
  };
  return trainingProblem(form, algorithm, settle(algorithm, options), data, settings);
}

/** Waves whose pitch is the class, at any phase, with noise of deviation `noise`; where the shape is masked, some end earlier. */
export function waves(
  count: number,
  { channels, length, classes, masked = false }: BackboneShape,
  seed: number,
  noise = 0.3,
): LabelledSeries {
  const drawn = random(seed, 'waves');
  const labels = Int32Array.from({ length: count }, (_, row) => row % classes);
  const lengths = Int32Array.from({ length: count }, (_, row) =>
    row % 3 === 0 ? length : Math.ceil(length * (0.5 + drawn.uniform(row) / 2)),
  );
  const noises = drawn.normals(count * channels * length, count);
  const values = noises.map((each, at) => {
    const row = Math.floor(at / (channels * length));
    const step = at % length;
    if (masked && step >= lengths[row]!) return 0;
    const phase = 2 * Math.PI * drawn.uniform(row + count);
    return noise * each + Math.sin(phase + (2 * Math.PI * (labels[row]! + 1) * step) / length);
  });
  return { count, channels, length, values, labels, ...(masked && { lengths }) };
}
