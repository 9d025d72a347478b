/** One figure of how good a model is: perplexity or top-1, by what the data is or as asked. */
import type { Samples } from '../data/index.js';
import { UserError } from '../errors.js';
import { type Accuracy, accuracy, type EvaluationOptions, type Perplexity, perplexity } from '../evaluate/index.js';
import type { Graph } from '../ir/types.js';
import type { MetricName } from './requests.js';

export type Quality = ({ readonly metric: 'perplexity' } & Perplexity) | ({ readonly metric: 'top1' } & Accuracy);

/**
 * `auto` is perplexity for text and token ids, top-1 for labelled arrays.
 * @throws UserError when the data has neither tokens nor labels.
 */
export async function measureQuality(
  graph: Graph,
  samples: Samples,
  metric: MetricName,
  options: EvaluationOptions,
): Promise<Quality> {
  const named = metric === 'auto' ? metricFor(samples) : metric;
  if (named === 'perplexity') return { metric: named, ...(await perplexity(graph, samples, options)) };
  return { metric: named, ...(await accuracy(graph, samples, options)) };
}

function metricFor({ tokens, labels }: Samples): Exclude<MetricName, 'auto'> {
  if (tokens) return 'perplexity';
  if (labels) return 'top1';
  throw new UserError(
    'data',
    "expected text, token ids or labelled arrays, got none of them; add an array named 'labels'",
  );
}

/** How much worse `after` is, relative to `before`: 0.1 is a perplexity 10 % higher or a top-1 10 % lower; negative when better. */
export const relativeDrop = (before: Quality, after: Quality): number =>
  before.metric === 'perplexity'
    ? figureOf(after) / figureOf(before) - 1
    : 1 - figureOf(after) / Math.max(figureOf(before), Number.MIN_VALUE);

/** The one number of a quality. */
export const figureOf = (quality: Quality): number =>
  quality.metric === 'perplexity' ? quality.perplexity : quality.top1;
