/** One figure of how good a model is: perplexity, or one of a classifier's, by what the data is or as asked. */
import type { Samples } from '../data/index.js';
import { UserError } from '../errors.js';
import {
  type Classification,
  classification,
  type EvaluationOptions,
  type Perplexity,
  perplexity,
} from '../evaluate/index.js';
import type { Graph } from '../ir/types.js';
import type { MetricName } from './requests.js';

export type ClassMetric = Exclude<MetricName, 'auto' | 'perplexity'>;

export type Quality =
  | ({ readonly metric: 'perplexity' } & Perplexity)
  | ({ readonly metric: ClassMetric } & Classification);

interface MetricFacts {
  readonly title: string;
  readonly better: 'lower' | 'higher';
  /** Shown as percent. */
  readonly isFraction: boolean;
}

/** What is said of each headline figure. */
export const metricFacts: Readonly<Record<Quality['metric'], MetricFacts>> = {
  perplexity: { title: 'perplexity', better: 'lower', isFraction: false },
  top1: { title: 'top-1 accuracy', better: 'higher', isFraction: true },
  auc: { title: 'AUC (macro)', better: 'higher', isFraction: true },
  f1: { title: 'F1 (macro)', better: 'higher', isFraction: true },
  'log-loss': { title: 'log loss', better: 'lower', isFraction: false },
  ece: { title: 'calibration error', better: 'lower', isFraction: true },
};

/**
 * `auto` is perplexity for text and token ids, top-1 for labelled samples.
 * @throws UserError when the data has neither tokens nor labels, or not what the figure needs.
 */
export async function measureQuality(
  graph: Graph,
  samples: Samples,
  metric: MetricName,
  options: EvaluationOptions,
): Promise<Quality> {
  const named = metric === 'auto' ? metricFor(samples) : metric;
  if (named === 'perplexity') return { metric: named, ...(await perplexity(graph, samples, options)) };
  const quality: Quality = { metric: named, ...(await classification(graph, samples, options)) };
  if (Number.isFinite(figureOf(quality))) return quality;
  throw new UserError('data', `expected samples of two classes or more for --metric ${named}, got others; choose top1`);
}

function metricFor({ tokens, labels }: Samples): 'perplexity' | 'top1' {
  if (tokens) return 'perplexity';
  if (labels) return 'top1';
  throw new UserError(
    'data',
    "expected text, token ids or labelled samples, got none of them; add an array named 'labels', or say which column holds the labels (--label-column)",
  );
}

/**
 * How much worse `after` is, relative to `before`: 0.1 is a perplexity 10 % higher or a top-1 10 % lower; negative when better.
 * From a figure of 0 that can only get worse, any loss is infinite.
 */
export function relativeDrop(before: Quality, after: Quality): number {
  const [was, is] = [figureOf(before), figureOf(after)];
  if (was === is) return 0;
  return metricFacts[before.metric].better === 'lower' ? is / was - 1 : 1 - is / Math.max(was, Number.MIN_VALUE);
}

/** The one number of a quality; NaN where it is undefined. */
export function figureOf(quality: Quality): number {
  if (quality.metric === 'perplexity') return quality.perplexity;
  if (quality.metric === 'top1') return quality.top1;
  if (quality.metric === 'auc') return quality.auc?.macro ?? Number.NaN;
  if (quality.metric === 'f1') return quality.f1.macro;
  return quality.metric === 'log-loss' ? quality.logLoss : quality.expectedCalibrationError;
}
