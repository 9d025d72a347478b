/** Whether constraints can hold over the ranges at all, as far as interval arithmetic sees it. */
import type { Interval } from './allowed.js';
import { type Constraint, type Feature, isNumber } from './schema.js';

export interface Contradiction {
  /** The constraint at which it showed. */
  readonly constraint: number;
  readonly reason: string;
}

interface Ends {
  low: number;
  high: number;
}

/** Contradictions that one reads off two constraints show within as many rounds as their gap goes into the ranges. */
const mostRounds = 1000;

/**
 * Tightens the range of each feature by each constraint until nothing moves or a range is empty: what is found is one, but not all are.
 * A feature may leave its range only in rows that already lie outside, which no check before the rows can know.
 */
export function checkFeasible(
  features: readonly Feature[],
  constraints: readonly Constraint[],
): Contradiction | undefined {
  const ranges = features.map((feature): Ends => {
    const [low, high] = isNumber(feature) ? feature.range : [0, 0];
    return { low, high };
  });
  for (const [k, constraint] of constraints.entries()) {
    const { low, high } = reachOf(constraint, (f) => ranges[f]!);
    const slack = slackOf(constraint, ranges);
    if (high >= constraint.low - slack && low <= constraint.high + slack) continue;
    const got = `a sum of ${digits(low)} to ${digits(high)}`;
    const advice = 'change the constraint or the ranges';
    return {
      constraint: k,
      reason: `'${constraint.text}': expected to be met somewhere in the ranges, got ${got}; ${advice}`,
    };
  }
  for (let round = 0, moved = true; moved && round < mostRounds; round++) {
    moved = false;
    for (const [k, constraint] of constraints.entries()) {
      moved = tighten(constraint, ranges, features) || moved;
      const slack = slackOf(constraint, ranges);
      if (constraint.terms.every(({ feature }) => ranges[feature]!.low <= ranges[feature]!.high + slack)) continue;
      return {
        constraint: k,
        reason: `'${constraint.text}': it cannot hold together with the other constraints, ranges and whole numbers; change one of them`,
      };
    }
  }
  return undefined;
}

/** What the sum can be while each feature stays in its interval. */
export function reachOf({ terms }: Constraint, intervalOf: (feature: number) => Interval): Interval {
  let [low, high] = [0, 0];
  for (const { feature, factor } of terms) {
    const { low: first, high: last } = intervalOf(feature);
    low += factor * (factor > 0 ? first : last);
    high += factor * (factor > 0 ? last : first);
  }
  return { low, high };
}

function tighten(constraint: Constraint, ranges: Ends[], features: readonly Feature[]): boolean {
  let moved = false;
  for (const { feature, factor } of constraint.terms) {
    const range = ranges[feature]!;
    const reach = reachOf(constraint, (f) => ranges[f]!);
    const [first, last] = factor > 0 ? [range.low, range.high] : [range.high, range.low];
    // what the others leave for this one
    const atLeast = (constraint.low - (reach.high - factor * last)) / factor;
    const atMost = (constraint.high - (reach.low - factor * first)) / factor;
    const whole = features[feature]!.type === 'integer';
    const low = inward(Math.ceil, Math.min(atLeast, atMost), whole, -1e-6);
    const high = inward(Math.floor, Math.max(atLeast, atMost), whole, 1e-6);
    const least = 1e-6 * (range.high - range.low);
    if (low > range.low + least) [range.low, moved] = [low, true];
    if (high < range.high - least) [range.high, moved] = [high, true];
  }
  return moved;
}

const inward = (round: (x: number) => number, x: number, whole: boolean, slack: number): number =>
  whole ? round(x + slack) : x;

/** Rounding of a sum of this size. */
const slackOf = (constraint: Constraint, ranges: readonly Interval[]): number => 1e-9 * sizeOver(constraint, ranges);

const sizeOver = ({ terms, low, high }: Constraint, ranges: readonly Interval[]): number =>
  terms.reduce(
    (sum, { feature, factor }) =>
      sum + Math.abs(factor) * Math.max(Math.abs(ranges[feature]!.low), Math.abs(ranges[feature]!.high)),
    Math.max(Number.isFinite(low) ? Math.abs(low) : 0, Number.isFinite(high) ? Math.abs(high) : 0),
  );

const digits = (x: number): number => Number(x.toPrecision(6));
