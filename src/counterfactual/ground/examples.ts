/** examplesOf: the examples of a reference with what the model and the data say of them. */
import type { Samples } from '../../data/samples.js';
import type { Network } from '../../oracle/network.js';
import { rowAt } from '../../oracle/packed.js';
import { type Ask, largest, type Reading, readingsOf, sideBySide } from '../../oracle/readings.js';
import type { Aim } from './aim.js';
import { isRange, type Wish } from './goals.js';

export interface Examples {
  readonly count: number;
  /** Packed, in the input's units. */
  readonly inputs: Float32Array;
  /** The class that the model says of each; of a range 0 inside and 1 outside. */
  readonly predicted: Int32Array;
  /** The class of each. */
  readonly labels: Int32Array;
}

export interface ExamplesOptions {
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
  /** Whose word the classes are; absent: that of the data, where they say a class of the model of every example. */
  readonly classes?: 'data' | 'model' | undefined;
}

/** @throws UserError where the model gives a NaN. */
export async function examplesOf(
  network: Network,
  samples: Samples,
  ask: Ask,
  { wish, aim }: { readonly wish: Wish; readonly aim: Aim },
  { classes, ...reading }: ExamplesOptions,
): Promise<Examples> {
  const all: Reading[] = [];
  for await (const each of readingsOf(network, samples, ask, reading)) all.push(each);
  const { count, inputs, logits, ids } = sideBySide(all);
  const predicted = Int32Array.from({ length: count }, (_, row) => {
    const scores = rowAt(logits, network.classes, row);
    return isRange(wish.goal) ? Number(aim.margin(scores, 0) >= 0) : largest(scores);
  });
  const { labels: given } = samples;
  const isOfModel =
    isRange(wish.goal) ||
    classes === 'model' ||
    !given ||
    given.some((label) => !(label >= 0 && label < network.classes));
  return { count, inputs, predicted, labels: isOfModel ? predicted : Int32Array.from(ids, (id) => given[id]!) };
}

/** Fewer examples of a class say little of what is plausible. */
const fewest = 5;

/** What of the classes that are wanted there is too little of, in words; undefined where there is enough. */
export function lackOf({ labels }: Examples, targets: Int32Array, { goal }: Wish): string | undefined {
  const few = [...new Set(targets)]
    .map((target) => ({ target, own: labels.filter((label) => label === target).length }))
    .find(({ own }) => own < fewest);
  if (!few) return undefined;
  const what = isRange(goal) ? 'the range' : `class ${few.target}`;
  return `of ${what} the data have ${few.own} examples, fewer than ${fewest}`;
}
