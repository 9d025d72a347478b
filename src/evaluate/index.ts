/** Figures of a model: quality, speed, size, and distance from another. */
export { type Accuracy, accuracy } from './accuracy.js';
export { type Classification, type ClassReport, classification, classificationOf } from './classification.js';
export { type Cost, costOf } from './clock.js';
export { drift, type OutputDrift } from './drift.js';
export { firstRun, type Latency, type LatencyOptions, latencies, latency, withAll } from './latency.js';
export { logitsOf, results } from './logits.js';
export { type EvaluationOptions, type Perplexity, perplexity } from './perplexity.js';
export { inRounds, orderOf, type RoundOptions } from './rounds.js';
export { fileSizes, type Sizes, sizes } from './sizes.js';
export { medianInterval, medianOf, quantile, quartilesOf } from './spread.js';
export {
  mediansOf,
  type PairedRatio,
  pairedRatio,
  type RatioSpread,
  type Rounds,
  type Timed,
  timedOf,
} from './timed.js';
export { emitTokenLoss, type TokenLoss } from './token-loss.js';
