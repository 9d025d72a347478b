/** trainCell: one training, of one network on some labels from one seed. */

import type { LabelledSeries } from '../data/series.js';
import type { Graph } from '../ir/types.js';
import type { CompileOptions } from '../runtime/program.js';
import type { OptionSpecs, OptionValues } from '../settings/index.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Algorithm } from './algorithm.js';
import { classWeightsOf, optimiserOf, scheduleOf, stepsOf, type TrainingSettings, viewsOf } from './settings.js';
import type { TrainingSeries } from './step/feeds.js';
import { trainingProblem } from './step/problem.js';
import { type TrainingForm, trainingForm } from './step/training-form.js';
import { type Trained, type TrainOptions, train } from './train.js';
import { warningsOf } from './warnings.js';

export interface CellTask<Specs extends OptionSpecs = OptionSpecs> {
  /** In inference form, its input [batch, channels, length], its one output the logits. */
  readonly model: Graph;
  /** Which initializers move. */
  readonly trained: Parameters<typeof trainingForm>[1];
  /** By name of a weight: 1 where it is kept, 0 where it stays zero. */
  readonly masks?: ReadonlyMap<string, Tensor>;
  readonly classes: number;
  readonly algorithm: Algorithm<Specs>;
  readonly options: OptionValues<Specs>;
  readonly data: TrainingSeries;
  readonly validation?: LabelledSeries;
  readonly settings: TrainingSettings;
  readonly seed: number;
}

export type CellOptions = CompileOptions & Pick<TrainOptions, 'from' | 'until' | 'onProgress' | 'onSteps' | 'signal'>;

export interface TrainedCell extends Trained {
  readonly warnings: readonly string[];
}

export async function trainCell<Specs extends OptionSpecs>(
  task: CellTask<Specs>,
  options: CellOptions,
): Promise<TrainedCell> {
  const { model, algorithm, validation, settings, seed, classes } = task;
  const data = withUnlabelled(task.data);
  const form = trainingForm(model, task.trained);
  const { channels, length } = data.labelled;
  const steps = stepsOf(settings, data.labelled.count);
  const sizes = {
    labelled: settings.labelledBatch,
    unlabelled: settings.unlabelledBatch,
    ...{ channels, length, classes },
  };
  const problem = await trainingProblem(form, algorithm, task.options, data, {
    sizes,
    views: viewsOf(settings),
    steps,
    seed,
    ...(settings.classWeights === 'balanced' && { classWeights: classWeightsOf(data.labelled, classes) }),
    ...(settings.average !== undefined && { average: settings.average }),
  });
  const keeps = algorithm.keeps ?? (settings.average === undefined ? 'student' : 'teacher');
  const trained = await train({ ...problem, ...masksOf(form, task.masks) }, model, validation, {
    ...options,
    optimiser: optimiserOf(settings),
    rate: settings.rate,
    schedule: scheduleOf(settings),
    ...(settings.clip !== undefined && { clip: settings.clip }),
    steps,
    every: settings.every,
    chooseFrom: settings.chooseFrom * steps,
    ...(validation && { patience: settings.patience }),
    keeps,
  });
  return { ...trained, warnings: warningsOf(trained, data) };
}

/** Where all series are labelled, an algorithm that can do without others is shown these in their place. */
const withUnlabelled = ({ labelled, unlabelled }: TrainingSeries): TrainingSeries => ({
  labelled,
  unlabelled: unlabelled.count > 0 ? unlabelled : labelled,
});

function masksOf({ weights }: TrainingForm, masks: ReadonlyMap<string, Tensor> | undefined) {
  if (!masks) return {};
  return {
    masks: new Map(
      weights.flatMap((value) => (masks.has(value.name) ? [[value, masks.get(value.name)!] as const] : [])),
    ),
  };
}
