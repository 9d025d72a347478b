/** Linear constraints at a row: how far off they are, and which hang together. */
import type { Constraint, NumberFeature, Schema } from './schema.js';

/** What the sum lacks or has too much, in units; 0 where the constraint holds. @param units as `toUnits` gives them. */
export function violationOf({ terms, low, high }: Constraint, units: readonly number[]): number {
  const sum = terms.reduce((total, { feature, factor }) => total + factor * units[feature]!, 0);
  return Math.max(0, low - sum, sum - high);
}

/**
 * The size of the numbers in a constraint at a row: what its rounding, and so a tolerance, is relative to. A hundredth of each range is
 * in it, for sums that come to zero have no size of their own.
 */
export function sizeOf({ features }: Schema, { terms, low, high }: Constraint, units: readonly number[]): number {
  const bound = Math.max(Number.isFinite(low) ? Math.abs(low) : 0, Number.isFinite(high) ? Math.abs(high) : 0);
  return terms.reduce((size, { feature: f, factor }) => {
    const { scale, range } = features[f] as NumberFeature;
    return size + Math.abs(factor) * (Math.abs(units[f]!) + Math.abs(scale.offset) + 0.01 * (range[1] - range[0]));
  }, bound);
}

/** Groups of constraints that share features, through others too: each group can be met by itself. */
export function connected(constraints: readonly Constraint[]): Constraint[][] {
  let groups: Constraint[][] = [];
  for (const constraint of constraints) {
    const mine = new Set(constraint.terms.map(({ feature }) => feature));
    const touches = (group: readonly Constraint[]) =>
      group.some(({ terms }) => terms.some(({ feature }) => mine.has(feature)));
    const near = groups.filter(touches);
    groups = [...groups.filter((group) => !near.includes(group)), [...near.flat(), constraint]];
  }
  return groups;
}

export const featuresOf = (constraints: readonly Constraint[]): number[] => [
  ...new Set(constraints.flatMap(({ terms }) => terms.map(({ feature }) => feature))),
];
