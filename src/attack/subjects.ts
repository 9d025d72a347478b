/** Subjects: the examples that are attacked: those that the model gets right. */
import type { Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import type { Network } from '../oracle/network.js';
import { type Ask, largest, type Reading, type Readings, readingsOf, sideBySide } from '../oracle/readings.js';

export interface Subjects extends Readings {
  /** What the model says of each, which is what the data say. */
  readonly labels: Int32Array;
  /** Looked at in all, and those of them that the model gets wrong. */
  readonly looked: number;
  readonly misclassified: readonly number[];
}

export interface SubjectOptions {
  /** At most so many. */
  readonly most?: number | undefined;
  /** Those of part `index` of `parts`, counted from 0, dealt one by one. */
  readonly chunk?: { readonly index: number; readonly parts: number } | undefined;
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the data have no labels, the model's own word is the label of each sample.
 * @throws UserError when there is a label beyond the model's classes, a NaN, or nothing that the model gets right.
 */
export async function findSubjects(
  network: Network,
  samples: Samples,
  ask: Ask,
  { most = Number.POSITIVE_INFINITY, chunk, ...reading }: SubjectOptions,
): Promise<Subjects> {
  const { classes } = network;
  const { labels } = samples;
  const bad = labels?.findIndex((label) => label < 0 || label >= classes) ?? -1;
  if (bad >= 0)
    throw new UserError(
      'attack',
      `expected labels below ${classes}, the model's classes, got ${labels![bad]} for sample ${bad}; choose other data or another --scores`,
    );
  const kept: Reading[] = [];
  const misclassified: number[] = [];
  const isOwn = (place: number): boolean => !chunk || place % chunk.parts === chunk.index;
  let [looked, right] = [0, 0];
  // all parts of a run look for the same subjects and take their own
  for await (const each of readingsOf(network, samples, ask, reading)) {
    if (right >= most) break;
    looked++;
    if (labels && labels[each.id] !== largest(each.logits)) misclassified.push(each.id);
    else if (isOwn(right++)) kept.push(each);
  }
  if (right === 0)
    throw new UserError(
      'attack',
      `expected a sample that the model gets right, got none among ${looked}; check labels, preprocessing and --scores with scalpel eval`,
    );
  if (kept.length === 0)
    throw new UserError(
      '--chunk',
      `expected at most ${right} parts, as many as there are samples, got ${chunk!.parts}; take fewer`,
    );
  return {
    ...sideBySide(kept),
    labels: Int32Array.from(kept, ({ logits }) => largest(logits)),
    looked,
    misclassified,
  };
}
