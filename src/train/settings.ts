/** Settings that every algorithm has: steps, batches, the optimiser and the views. */

import type { LabelledSeries } from '../data/series.js';
import { type Optimiser, optimisers, type Schedule, type ScheduleName, schedules, withWarmUp } from '../optim/index.js';
import { viewNamed } from './view-names.js';
import type { View } from './views/index.js';

export interface TrainingSettings {
  /** At most. */
  readonly steps: number;
  /** So many times through the labelled series at most, where that is sooner. */
  readonly epochs?: number;
  /** Steps from one judgement on validation series to the next. */
  readonly every: number;
  /** Judgements without a better one before training ends. */
  readonly patience: number;
  /** Share of the steps before which no weights are kept as the best ones: losses that are still ramped up are not yet those asked for. */
  readonly chooseFrom: number;
  readonly labelledBatch: number;
  readonly unlabelledBatch: number;
  readonly optimiser: keyof typeof optimisers;
  /** The highest learning rate. */
  readonly rate: number;
  readonly weightDecay: number;
  readonly schedule: ScheduleName;
  /** Share of the steps over which the rate rises. */
  readonly warmUp: number;
  /** Largest joint norm of the gradients. */
  readonly clip?: number;
  readonly classWeights: 'none' | 'balanced';
  /** Decay of an average of the weights that is judged and kept instead of the last ones. */
  readonly average?: number;
  /** Names of views, as `viewNamed` reads them. */
  readonly augment: string;
  readonly weak: string;
  readonly strong: string;
}

/** The views that a method may be asked to train on. */
export interface ViewSettings {
  /** Of labelled series, and wherever one view is as good as another. */
  readonly augmented: View;
  readonly weak: View;
  readonly strong: View;
}

export const usualSettings: TrainingSettings = {
  steps: 800,
  every: 40,
  patience: 10,
  chooseFrom: 0,
  labelledBatch: 32,
  unlabelledBatch: 32,
  optimiser: 'adamw',
  rate: 0.001,
  weightDecay: 0.0001,
  schedule: 'cosine',
  warmUp: 0.05,
  classWeights: 'none',
  augment: 'none',
  weak: 'mag-noise:0.02',
  strong: '2,10',
};

/** Those that an algorithm may have its own usual value of. */
export type OwnSettings = Partial<Pick<TrainingSettings, 'epochs' | 'chooseFrom' | 'average' | 'augment'>>;

/** Of a training on so many labelled series. */
export const stepsOf = (
  { steps, epochs = Number.POSITIVE_INFINITY, labelledBatch }: TrainingSettings,
  labels: number,
): number => Math.min(steps, Math.ceil((epochs * labels) / labelledBatch));

export function optimiserOf({ optimiser, weightDecay }: TrainingSettings): Optimiser {
  return optimiser === 'sgd' ? optimisers.sgd({ nesterov: true, weightDecay }) : optimisers.adamw({ weightDecay });
}

export const scheduleOf = ({ schedule, warmUp }: TrainingSettings): Schedule => withWarmUp(schedules[schedule], warmUp);

export const viewsOf = ({ augment, weak, strong }: TrainingSettings): ViewSettings => ({
  augmented: viewNamed(augment),
  weak: viewNamed(weak),
  strong: viewNamed(strong),
});

/** Each class counts for as much as any other: the mean over the labelled series stays 1. */
export function classWeightsOf({ labels, count }: LabelledSeries, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]!++;
  const present = counts.filter((each) => each > 0).length;
  return Float32Array.from(counts, (each) => (each > 0 ? count / (present * each) : 0));
}
