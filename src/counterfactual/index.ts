/** Counterfactuals: the least believable change that makes a model say something else. */
export { type ExplainerName, explainerNamed, explainerNames, explainers } from './catalogue.js';
export type { Explainer } from './explainer.js';
export type { Alternative, Batch, Finding, RunOptions } from './finding.js';
export type { Companions } from './ground/companions.js';
export { type Embedded, type End, embedded } from './ground/embedded.js';
export { changedIn } from './ground/features.js';
export { type Goal, isRange, type Wish } from './ground/goals.js';
export { type Ground, type GroundOptions, openGround } from './ground/ground.js';
export { type MeasureName, measures } from './measures.js';
export { pertinentPositive, pertinentPositives } from './methods/pertinent-positive.js';
export { type Outcome, outcomesOf } from './metrics/outcome.js';
export { type Figure, figures, type Statistic, type Summary, summarize } from './metrics/summary.js';
export { checkNeeds } from './needs.js';
export { batchesFor, runBatch, runExplainer } from './run.js';
export { settledFor } from './settled.js';
export type { Several } from './several/diverse.js';
export { type Choice, choices } from './several/diverse.js';
