/** Probabilities of classes from the scores of a classifier, as logarithms. */
import type { ScoreKind } from './class-scores.js';

/** scikit-learn's clip for float32: probabilities are taken no nearer to 0 and 1 than this. */
const nearest = 2 ** -23;
/** The logarithm of the smallest number above 0: a class that a logit rules out costs this much and not everything. */
const leastLog = Math.log(Number.MIN_VALUE);

/**
 * The logarithm of each class's probability: log-softmax of logits; probabilities divided by their sum, which changes only those of
 * independent classes. A single score is class 1 of two.
 */
export function logProbabilities(scores: Float32Array, kind: ScoreKind): Float64Array {
  if (kind === 'logits') return logSoftmax(scores.length === 1 ? [0, scores[0]!] : scores);
  const parts = scores.length === 1 ? [1 - scores[0]!, scores[0]!] : scores;
  let sum = 0;
  for (const part of parts) sum += part;
  return Float64Array.from(parts, (part) => Math.log(sum > 0 ? part / sum : 1 / parts.length));
}

/** Less the loss of the labelled class, within what the kind of scores can say. */
export const logLossOf = (logProbability: number, kind: ScoreKind): number =>
  kind === 'logits'
    ? -Math.max(leastLog, logProbability)
    : -Math.min(Math.log(1 - nearest), Math.max(Math.log(nearest), logProbability));

/** Infinite logits share all the probability among them. */
function logSoftmax(logits: ArrayLike<number>): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i]!);
  const shifted = Float64Array.from(logits, (logit) => (logit === largest ? 0 : logit - largest));
  let sum = 0;
  for (const value of shifted) sum += Math.exp(value);
  return shifted.map((value) => value - Math.log(sum));
}

/**
 * log(p / (1 - p)) of every class: in the same order as the probabilities, without the ties that come from rounding those near 1.
 */
export function logOdds(logProbabilities: Float64Array): Float64Array {
  let best = 0;
  for (let i = 1; i < logProbabilities.length; i++) if (logProbabilities[i]! > logProbabilities[best]!) best = i;
  // at most one class has more than half: only there does 1 - p lose digits
  const others = logProbabilities.reduce((sum, value, i) => (i === best ? sum : sum + Math.exp(value)), 0);
  return logProbabilities.map((value, i) => value - (i === best ? Math.log(others) : Math.log1p(-Math.exp(value))));
}
