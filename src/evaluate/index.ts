/** Figures of a model: quality, speed, size, and distance from another. */
export { type Accuracy, accuracy } from './accuracy.js';
export { type Classification, type ClassReport, classification, classificationOf } from './classification.js';
export { drift, type OutputDrift } from './drift.js';
export { type Latency, type LatencyOptions, latencies, latency } from './latency.js';
export { logitsOf, results } from './logits.js';
export { type EvaluationOptions, type Perplexity, perplexity } from './perplexity.js';
export { fileSizes, type Sizes, sizes } from './sizes.js';
export { emitTokenLoss, type TokenLoss } from './token-loss.js';
