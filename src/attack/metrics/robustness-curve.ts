/** Robustness curve: which share of the attacked examples is still classified right, by how much may change, read off one run. */
import type { Outcome } from './outcome.js';

/** The norms that budgets are given in, of `Change`. */
export const curveNorms = ['positions', 'elements', 'd20', 'l1', 'l2', 'linf'] as const;
export type CurveNorm = (typeof curveNorms)[number];

/** `right[i]` is the share still right when up to `budgets[i]` may change; it falls in steps and starts at budget 0. */
export interface RobustnessCurve {
  readonly norm: CurveNorm;
  readonly examples: number;
  readonly budgets: readonly number[];
  readonly right: readonly number[];
}

/** More steps than this are thinned. */
const mostSteps = 256;

/**
 * An example falls at the least change that any outcome of it reached its goal with, be it of one pass, several passes or several
 * attacks: `outcomes` are pooled.
 */
export function robustnessCurve(outcomes: readonly Outcome[], norm: CurveNorm): RobustnessCurve {
  const falls = leastChanges(outcomes, norm);
  const sorted = [...falls.values()].sort((a, b) => a - b);
  const examples = sorted.length;
  const steps: [budget: number, right: number][] = [[0, 1]];
  sorted.forEach((budget, i) => {
    if (budget === Number.POSITIVE_INFINITY) return;
    const right = (examples - i - 1) / examples;
    if (steps.at(-1)![0] === budget) steps[steps.length - 1] = [budget, right];
    else steps.push([budget, right]);
  });
  const shown = thinned(steps);
  return { norm, examples, budgets: shown.map(([budget]) => budget), right: shown.map(([, right]) => right) };
}

/** The share still right at any budget. */
export function rightAt({ budgets, right }: RobustnessCurve, budget: number): number {
  let share = 1;
  budgets.forEach((each, i) => {
    if (each <= budget) share = right[i]!;
  });
  return share;
}

/** By example; infinite where nothing reached the goal. */
export function leastChanges(outcomes: readonly Outcome[], norm: CurveNorm): Map<number, number> {
  const least = new Map<number, number>();
  for (const { id, success, change } of outcomes) {
    const found = success ? change[norm] : Number.POSITIVE_INFINITY;
    least.set(id, Math.min(found, least.get(id) ?? Number.POSITIVE_INFINITY));
  }
  return least;
}

/** Evenly by rank, the ends included. */
function thinned<Step>(steps: readonly Step[]): readonly Step[] {
  if (steps.length <= mostSteps) return steps;
  return Array.from({ length: mostSteps }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (mostSteps - 1))]!);
}
