/** Measures: what makes one counterfactual better than another of the same instance. */

import type { Tried } from '../oracle/trial.js';
import type { Features } from './ground/features.js';
import { costOf, type Weighted } from './search/composite.js';

export interface Measured extends Tried {
  readonly features: Features;
  /** What points cost besides the goal, as the method at work has it. */
  readonly terms: readonly Weighted[];
  /** What else a change costs, in their unit: the weighted penalty; undefined where the method does not say. */
  readonly price: Price | undefined;
  /** What the terms cost, in float32, where that is known already. */
  readonly rough?: number | undefined;
}

/** Of a change, packed as an example. */
export type Price = (difference: Float32Array) => number;

/** The smaller the better. */
export type Measure = (measured: Measured) => number;

export const measures = {
  /** The costs of the features that change; of equal ones what else the point costs, or else its distance. */
  sparsity: (measured) => sparsityFirst(measured),
  /** The weighted Euclidean distance. */
  distance: ({ difference, features: { weights } }) =>
    Math.sqrt(difference.reduce((sum, value, i) => sum + weights[i]! * value * value, 0)),
  /** What the method at work minimises, the goal apart; for one that does not say, `sparsity`. */
  objective: (measured) => {
    if (!measured.price) return sparsityFirst(measured);
    const { terms, point, row, best, rough } = measured;
    const price = measured.price(measured.difference);
    const least = price + leastOf(rough);
    return least >= best ? least : price + costOf(terms, point, row, best - price);
  },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

function sparsityFirst(measured: Measured): number {
  const sparsity = sparsityOf(measured);
  return sparsity >= measured.best ? sparsity : sparsity + squashed(restOf(measured), measured.features);
}

function sparsityOf({ difference, features: { labels, costs } }: Pick<Measured, 'difference' | 'features'>): number {
  const seen = new Uint8Array(costs.length);
  let sum = 0;
  for (let i = 0; i < difference.length; i++) {
    const feature = labels[i]!;
    if (difference[i] === 0 || seen[feature]) continue;
    seen[feature] = 1;
    sum += costs[feature]!;
  }
  return sum;
}

/** What float32 may have rounded is given up, and more: densities are costly, and most points are worse than the best by far. */
export const leastOf = (rough = Number.NEGATIVE_INFINITY): number => rough - 1e-5 * (1 + Math.abs(rough));

const restOf = ({ terms, point, row, difference, features: { weights } }: Measured): number =>
  terms.length > 0
    ? costOf(terms, point, row)
    : difference.reduce((sum, value, i) => sum + weights[i]! * value * value, 0);

/** In order, and never as much as the cheapest feature. */
const squashed = (value: number, { costs }: Features): number =>
  (0.5 + Math.atan(value) / Math.PI) * costs.reduce((least, cost) => Math.min(least, cost), 1);
