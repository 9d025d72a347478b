/** Accuracy of a classifier. */
import type { Samples } from '../data/samples.js';
import type { Graph } from '../ir/types.js';
import { type ScoredSample, type ScoreKind, scoreSamples } from './class-scores.js';
import type { EvaluationOptions } from './perplexity.js';

export interface Accuracy {
  /** Fraction of samples whose class has the highest logit; of equal logits the first class counts. */
  readonly top1: number;
  /** Fraction of samples whose class is among the five highest; absent with five classes or fewer. */
  readonly top5?: number;
  readonly samples: number;
  readonly classes: number;
}

/**
 * Top-1 and top-5 accuracy on labelled samples. A single output per sample means class 1 when positive, or above 0.5 after a Sigmoid.
 * @throws UserError when labels are missing or out of range, or when a logit is not a number.
 */
export async function accuracy(graph: Graph, samples: Samples, options: EvaluationOptions = {}): Promise<Accuracy> {
  const hits = hitCounter();
  const { classes } = await scoreSamples(graph, samples, options, hits.add);
  return hits.figures(samples.count, classes);
}

export function hitCounter() {
  let [first, firstFive] = [0, 0];
  return {
    add(scored: ScoredSample, kind: ScoreKind): void {
      const rank = rankOf(scored, kind);
      if (rank < 1) first++;
      if (rank < 5) firstFive++;
    },
    figures: (samples: number, classes: number): Accuracy => ({
      top1: first / samples,
      ...(classes > 5 && { top5: firstFive / samples }),
      samples,
      classes,
    }),
  };
}

/** The class with the highest score; of equal ones the first. */
export function predictedClass({ scores }: ScoredSample, kind: ScoreKind): number {
  if (scores.length === 1) return Number(scores[0]! > (kind === 'logits' ? 0 : 0.5));
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

/** How many classes come before the labelled one. */
function rankOf(scored: ScoredSample, kind: ScoreKind): number {
  const { scores, label } = scored;
  if (scores.length === 1) return predictedClass(scored, kind) === label ? 0 : 1;
  const own = scores[label]!;
  return scores.reduce((before, score, i) => before + Number(score > own || (score === own && i < label)), 0);
}
