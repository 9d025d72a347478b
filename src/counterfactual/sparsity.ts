/** sparsity: the penalties that a search may ask for, on the change of one instance. */
import { UserError } from '../errors.js';
import {
  atMostK,
  groupL0,
  groupL2,
  l0,
  l1,
  lHalf,
  lp,
  lTwoThirds,
  type Penalty,
  segments,
} from '../optim/penalties/index.js';
import type { Space } from '../oracle/space.js';
import type { Features } from './features.js';

export const penaltyNames = ['l0', 'l1/2', 'l2/3', 'lp', 'l1', 'at-most-k', 'group-l2', 'segments', 'none'] as const;
export type PenaltyName = (typeof penaltyNames)[number];

export interface Sparsity {
  readonly penalty: Penalty | undefined;
  /** What a step is multiplied by, element by element: the costs of the features. One where all cost 1, or none has a say. */
  readonly prices: Float32Array | 1;
  /** The penalty of a change, features weighed by their costs. */
  value(change: Float32Array): number;
}

export interface SparsityOptions {
  readonly penalty: PenaltyName;
  /** Of lp, in (0, 1). */
  readonly power: number;
  /** Of at-most-k. */
  readonly most: number;
}

/**
 * `l0` and `group-l2` count features: a category of several columns, or a position of several channels, is one. The others go by element.
 * @throws UserError for segments of what has no order.
 */
export function sparsityFor({ penalty, power, most }: SparsityOptions, features: Features, space: Space): Sparsity {
  const { labels, costs, count } = features;
  const prices = costs.every((cost) => cost === 1) ? 1 : Float32Array.from(labels, (f) => costs[f]!);
  const isSingle = count === labels.length;
  const weighed = (chosen: Penalty): Sparsity => ({
    penalty: chosen,
    prices,
    value: (x) => penaltyOf(chosen, x, features),
  });
  const plain = (chosen: Penalty): Sparsity => ({ penalty: chosen, prices: 1, value: (x) => chosen.value(x) });
  if (penalty === 'none') return { penalty: undefined, prices: 1, value: () => 0 };
  if (penalty === 'l0') return weighed(isSingle ? l0 : groupL0(labels));
  if (penalty === 'group-l2') return weighed(groupL2(labels));
  if (penalty === 'at-most-k') return plain(atMostK(most));
  if (penalty === 'segments') {
    if (space.kind !== 'series' && space.kind !== 'tokens')
      throw new UserError('scfe: penalty', `expected segments for series alone, got ${space.kind}; take l0`);
    return plain(segments({ channels: space.channels, length: space.width }));
  }
  return weighed({ 'l1/2': lHalf, 'l2/3': lTwoThirds, l1, lp: lp(power) }[penalty]);
}

/** A penalty is a sum over features: each alone, by its cost. */
function penaltyOf(penalty: Penalty, change: Float32Array, { labels, costs }: Features): number {
  if (costs.every((cost) => cost === 1)) return penalty.value(change);
  return costs.reduce(
    (sum, cost, f) => sum + cost * penalty.value(change.map((value, i) => (labels[i] === f ? value : 0))),
    0,
  );
}
