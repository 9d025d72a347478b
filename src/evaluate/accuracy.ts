/** Accuracy of a classifier. */
import { feedsFor, type Samples } from '../data/samples.js';
import { UserError, unsupported } from '../errors.js';
import { producers } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import { withProgram } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { logitsOf } from './logits.js';
import type { EvaluationOptions } from './perplexity.js';

export interface Accuracy {
  /** Fraction of samples whose class has the highest logit; of equal logits the first class counts. */
  readonly top1: number;
  /** Fraction of samples whose class is among the five highest; absent with five classes or fewer. */
  readonly top5?: number;
  readonly samples: number;
  readonly classes: number;
}

const defaultBatch = 32;

/**
 * Top-1 and top-5 accuracy on labelled samples. A single output per sample means class 1 when positive, or above 0.5 after a Sigmoid.
 * @throws UserError when labels are missing or out of range, or when a logit is not a number.
 */
export async function accuracy(graph: Graph, samples: Samples, options: EvaluationOptions = {}): Promise<Accuracy> {
  const { labels } = samples;
  if (!labels) throw new UserError('accuracy', "expected labelled samples, got none; add an array named 'labels'");
  const { batch = defaultBatch, signal, onBatch, ...compileOptions } = options;
  const size = samples.fixedBatch ?? batch;
  const logits = logitsOf(graph, 2);
  const threshold = isProbability(graph, logits) ? 0.5 : 0;
  const hits = { first: 0, firstFive: 0 };
  let classes = 0;
  await withProgram({ ...graph, outputs: [logits] }, compileOptions, async (program) => {
    for (let from = 0; from < samples.count; from += size) {
      signal?.throwIfAborted();
      const to = Math.min(samples.count, from + size);
      const result = (await program.run(feedsFor(program.inputs, samples.batch(from, to)))).get(logits)!;
      const scores = floatsOf(result);
      const outputs = scores.length / (result.shape[0] ?? 1);
      classes = checkClasses(outputs, to - from, scores.length);
      for (let i = from; i < to; i++) {
        const row = scores.subarray((i - from) * outputs, (i - from + 1) * outputs);
        const rank = rankOf(row, checkLabel(labels[i]!, classes, i), threshold, i);
        if (rank < 1) hits.first++;
        if (rank < 5) hits.firstFive++;
      }
      onBatch?.(to, samples.count);
    }
  });
  const { count } = samples;
  return { top1: hits.first / count, ...(classes > 5 && { top5: hits.firstFive / count }), samples: count, classes };
}

/** How many classes come before the labelled one. */
function rankOf(scores: Float32Array, label: number, threshold: number, sample: number): number {
  if (scores.some(Number.isNaN))
    throw new UserError(
      'accuracy',
      `expected numbers, got NaN for sample ${sample}; look for NaN or overflow in the data and the model`,
    );
  if (scores.length === 1) return Number(scores[0]! > threshold) === label ? 0 : 1;
  const own = scores[label]!;
  return scores.reduce((before, score, i) => before + Number(score > own || (score === own && i < label)), 0);
}

/** A single output tells two classes apart. */
function checkClasses(outputs: number, rows: number, scores: number): number {
  if (!Number.isInteger(outputs) || scores < rows * outputs) {
    throw unsupported('accuracy', `expected scores for each of ${rows} samples, got ${scores} in all`);
  }
  return outputs === 1 ? 2 : outputs;
}

function checkLabel(label: number, classes: number, sample: number): number {
  if (label < classes) return label;
  throw new UserError(
    'accuracy',
    `expected labels below ${classes}, the model's classes, got ${label} for sample ${sample}`,
  );
}

const isProbability = (graph: Graph, logits: Value): boolean => producers(graph).get(logits)?.op === 'Sigmoid';
