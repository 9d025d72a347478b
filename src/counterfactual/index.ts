/** Counterfactuals: the least believable change that makes a model say something else. */
export { type ExplainerName, explainerNamed, explainerNames, explainers } from './catalogue.js';
export type { Companions } from './companions.js';
export { type Choice, choices } from './diverse.js';
export { type Embedded, type End, embedded } from './embedded.js';
export type { Explainer } from './explainer.js';
export { changedIn } from './features.js';
export { type Goal, isRange, type Wish } from './goals.js';
export { type Ground, type GroundOptions, openGround } from './ground.js';
export { type MeasureName, measures } from './measures.js';
export { type Outcome, outcomesOf } from './metrics/outcome.js';
export { type Figure, figures, type Statistic, type Summary, summarize } from './metrics/summary.js';
export { pertinentPositive, pertinentPositives } from './pertinent-positive.js';
export {
  type Alternative,
  type Batch,
  batchesFor,
  type Finding,
  type RunOptions,
  runBatch,
  runExplainer,
} from './run.js';
export { settledFor } from './settled.js';
export type { Several } from './several.js';
