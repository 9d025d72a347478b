/** Instances: the examples that are to be explained: those of which the model does not say yet what it should. */
import type { Samples } from '../../data/samples.js';
import { UserError } from '../../errors.js';
import type { Network } from '../../oracle/network.js';
import { rowAt } from '../../oracle/packed.js';
import { type Ask, largest, type Reading, type Readings, readingsOf, sideBySide } from '../../oracle/readings.js';
import { aimOf } from './aim.js';
import { isRange, labelFor, type Wish } from './goals.js';

export interface Instances extends Readings {
  /** What the model says of each: a class, or of a regressor 0. */
  readonly predicted: Int32Array;
  /** What each is to become. */
  readonly targets: Int32Array;
  /** Towards which each element may move, and no farther, packed as `inputs`; absent: as far as its range goes. */
  readonly ends?: Float32Array;
  /** Looked at in all, and those of them that are there already. */
  readonly looked: number;
  readonly already: number;
  /** Left out because the model says another class of them than asked for. */
  readonly elsewhere: number;
}

export interface InstanceOptions {
  /** At most so many. */
  readonly most?: number | undefined;
  /** Only those that the model says this class of. */
  readonly from?: number | undefined;
  /** Only these numbers in the data. */
  readonly rows?: readonly number[] | undefined;
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
}

/** @throws UserError when there is nothing to explain. */
export async function findInstances(
  network: Network,
  samples: Samples,
  ask: Ask,
  wish: Wish,
  { most = Number.POSITIVE_INFINITY, from, rows, ...reading }: InstanceOptions,
): Promise<Instances> {
  const aim = aimOf(wish);
  const kept: Reading[] = [];
  const chosen = rows && new Set(rows);
  let [looked, already, elsewhere] = [0, 0, 0];
  for await (const each of readingsOf(network, samples, ask, reading)) {
    if (kept.length >= most) break;
    if (chosen && !chosen.has(each.id)) continue;
    looked++;
    if (from !== undefined && largest(each.logits) !== from) elsewhere++;
    else if (aim.margin(each.logits, labelFor(wish.goal, each.logits)) < 0) already++;
    else kept.push(each);
  }
  if (kept.length === 0) {
    const why = [
      ...(already > 0 ? [`${already} are there already`] : []),
      ...(elsewhere > 0 ? [`the model does not say class ${from} of ${elsewhere}`] : []),
    ];
    throw new UserError(
      'explain',
      `expected an instance to explain, got none among ${looked}${why.length > 0 ? `: ${why.join(', ')}` : ''}; choose another goal or other data`,
    );
  }
  const found = sideBySide(kept);
  const scores = (row: number): Float32Array => rowAt(found.logits, network.classes, row);
  const each = (of: (row: number) => number): Int32Array =>
    Int32Array.from({ length: found.count }, (_, row) => of(row));
  return {
    ...found,
    predicted: each((row) => (isRange(wish.goal) ? 0 : largest(scores(row)))),
    targets: each((row) => labelFor(wish.goal, scores(row))),
    looked,
    already,
    elsewhere,
  };
}
