/** What a classifier says of every labelled sample, and what its numbers mean. */
import type { Samples } from '../data/samples.js';
import { UserError, unsupported } from '../errors.js';
import { producers } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { forward } from './forward.js';
import { logitsOf } from './logits.js';
import type { EvaluationOptions } from './perplexity.js';

/** `probabilities` sum to 1 after a Softmax; `independent` ones come from a Sigmoid for each class. */
export type ScoreKind = 'logits' | 'probabilities' | 'independent';

export interface ScoredSample {
  /** One a class, or a single one for two classes. */
  readonly scores: Float32Array;
  readonly label: number;
  readonly classes: number;
  readonly sample: number;
}

export interface ScoreSummary {
  readonly classes: number;
  readonly kind: ScoreKind;
}

const defaultBatch = 32;

/**
 * Runs all samples once and hands over each one's scores, in order.
 * @throws UserError when labels are missing or more than the model has classes, or when a score is not a number.
 */
export async function scoreSamples(
  graph: Graph,
  samples: Samples,
  options: EvaluationOptions,
  each: (scored: ScoredSample, kind: ScoreKind) => void,
): Promise<ScoreSummary> {
  const { labels, count } = samples;
  if (!labels) {
    throw new UserError(
      'accuracy',
      "expected labelled samples, got none; add an array named 'labels', or say which column holds them (--label-column)",
    );
  }
  const { batch = defaultBatch, forward: run = forward, onBatch, ...forwardOptions } = options;
  const size = samples.fixedBatch ?? batch;
  const logits = logitsOf(graph, 2);
  const kind = scoreKind(graph, logits);
  const endOf = (index: number): number => Math.min(count, (index + 1) * size);
  const batches = {
    *[Symbol.iterator]() {
      for (let from = 0, i = 0; from < count; from += size, i++) yield samples.batch(from, endOf(i));
    },
  };
  let classes = 0;
  await run({ ...graph, outputs: [logits] }, batches, forwardOptions, (outputs, i) => {
    const result = outputs.get(logits)!;
    const values = floatsOf(result);
    const width = values.length / (result.shape[0] ?? 1);
    const from = i * size;
    classes = checkClasses(width, endOf(i) - from, values.length, samples);
    for (let sample = from; sample < endOf(i); sample++) {
      const scores = values.subarray((sample - from) * width, (sample - from + 1) * width);
      checkScores(scores, sample);
      each({ scores, label: checkLabel(labels[sample]!, classes, sample), classes, sample }, kind);
    }
    onBatch?.(endOf(i), count);
  });
  return { classes, kind };
}

/** Ops that pass scores on as they are. */
const passing = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** The node that makes scores what they are: behind it they are only laid out otherwise. */
export function makerOf(graph: Graph, scores: Value): Node | undefined {
  const makers = producers(graph);
  let maker = makers.get(scores);
  while (maker && passing.has(maker.op) && maker.inputs[0]) maker = makers.get(maker.inputs[0]);
  return maker;
}

/** By the op that makes the scores; one that is none of these makes logits. */
export function scoreKind(graph: Graph, logits: Value): ScoreKind {
  const op = makerOf(graph, logits)?.op;
  if (op === 'Softmax') return 'probabilities';
  return op === 'Sigmoid' ? 'independent' : 'logits';
}

/** A single output tells two classes apart. */
function checkClasses(width: number, rows: number, scores: number, { classes: names }: Samples): number {
  if (!Number.isInteger(width) || scores < rows * width) {
    throw unsupported('accuracy', `expected scores for each of ${rows} samples, got ${scores} in all`);
  }
  const classes = width === 1 ? 2 : width;
  if ((names?.length ?? 0) <= classes) return classes;
  throw new UserError(
    'accuracy',
    `expected labels of at most ${classes} classes, which the model has, got ${names?.length}: ${listed(names ?? [])}; choose the label's column or other data`,
  );
}

const mostListed = 8;

const listed = (names: readonly string[]): string =>
  [...names.slice(0, mostListed), ...(names.length > mostListed ? ['…'] : [])].join(', ');

/** @throws UserError when one is not a number. */
export function checkScores(scores: Float32Array, sample: number): void {
  if (!scores.some(Number.isNaN)) return;
  throw new UserError(
    'accuracy',
    `expected numbers, got NaN for sample ${sample}; look for NaN or overflow in the data and the model`,
  );
}

/** The label again. @throws UserError when it is none of the classes. */
export function checkLabel(label: number, classes: number, sample: number): number {
  if (label >= 0 && label < classes) return label;
  throw new UserError(
    'accuracy',
    `expected labels below ${classes}, the model's classes, got ${label} for sample ${sample}`,
  );
}
