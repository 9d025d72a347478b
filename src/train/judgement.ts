/** judgement: how good logits are, and which of two networks is the better one. */

import type { LabelledSeries } from '../data/series.js';
import { oneVersusRestAuc } from '../evaluate/auc.js';
import { logOdds, logProbabilities } from '../evaluate/class-probabilities.js';

export interface Judgement {
  /** Area under the ROC curve of each class against the rest, weighted by the series of each class; absent where one class alone is there. */
  readonly weightedAuc?: number;
  readonly accuracy: number;
  /** Mean negative log probability of the right class, in nats. */
  readonly logLoss: number;
}

/** @param logits [count, classes]. */
export function judge(logits: Float32Array, { labels, count }: LabelledSeries): Judgement {
  const classes = logits.length / count;
  const ranked = new Float32Array(logits.length);
  let [hits, loss] = [0, logits.every(Number.isFinite) ? 0 : Number.NaN];
  for (let i = 0; i < count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const logs = logProbabilities(row, 'logits');
    // log odds rank as probabilities do, and hold apart what rounds to 1
    ranked.set(logOdds(logs), i * classes);
    if (row.indexOf(row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)) === labels[i]) hits++;
    loss -= logs[labels[i]!]!;
  }
  const auc = oneVersusRestAuc(ranked, labels, classes);
  return { ...(auc && { weightedAuc: auc.weighted }), accuracy: hits / count, logLoss: loss / count };
}

/** Whether there is a judgement, and of no numbers that ran away. */
export const isSound = (judgement: Judgement | undefined): judgement is Judgement =>
  judgement !== undefined && Number.isFinite(judgement.logLoss);

/** By weighted AUC; where that is equal or unknown, by log loss. A judgement of numbers that ran away is never better. */
export function isBetter(one: Judgement, other: Judgement | undefined): boolean {
  if (!isSound(one)) return false;
  if (!other) return true;
  const [a = 0, b = 0] = [one.weightedAuc, other.weightedAuc];
  return a === b ? one.logLoss < other.logLoss : a > b;
}
