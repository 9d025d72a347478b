/** What semi-supervised networks are compared with. */
import type { Baseline } from './baseline.js';
import { labelPropagation, labelSpreading } from './label-propagation.js';
import { logisticRegression } from './logistic-regression.js';
import { randomForest } from './random-forest.js';
import { rocket } from './rocket.js';

export type { Baseline, FitContext, FittedBaseline } from './baseline.js';
export { type FeatureName, featureCount, features, featuresOf } from './features.js';
export { type RocketGraphOptions, rocketGraph } from './rocket-graph.js';
export { type Kernels, randomKernels } from './rocket-kernels.js';

export const baselines = {
  'random-forest': randomForest,
  'logistic-regression': logisticRegression,
  rocket,
  'label-propagation': labelPropagation,
  'label-spreading': labelSpreading,
} as const satisfies Record<string, Baseline>;

export type BaselineName = keyof typeof baselines;
