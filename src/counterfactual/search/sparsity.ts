/** sparsity: the penalties that a search may ask for, on the change of one instance. */
import { UserError } from '../../errors.js';
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
} from '../../optim/penalties/index.js';
import type { Space } from '../../oracle/space.js';
import type { Features } from '../ground/features.js';

export interface Sparsity {
  /** With its parameters. */
  readonly name: string;
  readonly penalty: Penalty | undefined;
  /** What a step is multiplied by, element by element: the costs of the features. One where all cost 1, or none has a say. */
  readonly prices: Float32Array | 1;
  /** False where its prox as nodes takes no box. */
  readonly isEmitted?: boolean;
  /** Whether features lie in runs, which taking out single ones would tear. */
  readonly isContiguous?: boolean;
  /** The penalty of a change, features weighed by their costs. */
  value(change: Float32Array): number;
}

export interface SparsityOptions {
  readonly penalty: keyof typeof penalties;
  /** Of lp, in (0, 1). */
  readonly power: number;
  /** Of at-most-k. */
  readonly most: number;
}

type Unnamed = Omit<Sparsity, 'name'>;

interface Scene {
  readonly features: Features;
  readonly space: Space;
  readonly options: SparsityOptions;
}

/** `l0` and `group-l2` count features: a category of several columns, or a position of several channels, is one. */
export const penalties = {
  l0: ({ features }) => weighed(features.count === features.labels.length ? l0 : groupL0(features.labels), features),
  'l1/2': ({ features }) => weighed(lHalf, features),
  'l2/3': ({ features }) => weighed(lTwoThirds, features),
  lp: ({ features, options }) => weighed(lp(options.power), features),
  l1: ({ features }) => weighed(l1, features),
  'at-most-k': ({ options }) => even(atMostK(options.most)),
  'group-l2': ({ features }) => ({ ...weighed(groupL2(features.labels), features), isEmitted: false }),
  segments: ({ space: { kind, channels, width } }) => {
    if (kind === 'series' || kind === 'tokens')
      return { ...even(segments({ channels, length: width })), isContiguous: true };
    throw new UserError('scfe: penalty', `expected segments for series alone, got ${kind}; take l0`);
  },
  none: (): Unnamed => none,
} as const satisfies Record<string, (scene: Scene) => Unnamed>;

export const penaltyNames = Object.keys(penalties) as (keyof typeof penalties)[];

/** @throws UserError for segments of what has no order. */
export const sparsityFor = (options: SparsityOptions, features: Features, space: Space): Sparsity => ({
  ...penalties[options.penalty]({ features, space, options }),
  name: `${options.penalty} ${options.power} ${options.most}`,
});

export const none: Sparsity = { name: 'none', penalty: undefined, prices: 1, value: () => 0 };

const even = (penalty: Penalty): Unnamed => ({ penalty, prices: 1, value: (x) => penalty.value(x) });

/** @param penalty a sum over features. */
export function weighed(penalty: Penalty, { labels, costs }: Features): Unnamed {
  if (costs.every((cost) => cost === 1)) return even(penalty);
  return {
    penalty,
    prices: Float32Array.from(labels, (f) => costs[f]!),
    // a sum over features: each alone, by its cost
    value: (x) =>
      costs.reduce((sum, cost, f) => sum + cost * penalty.value(x.map((each, i) => (labels[i] === f ? each : 0))), 0),
  };
}
