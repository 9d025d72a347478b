/** work: what a search has done and has left, in judgements and steps. */
import type { Bracket } from './hyperband.js';

export interface Work {
  /** Of a trial on a rung. */
  readonly evaluations: number;
  /** Of training; those of the rungs before are not taken again. */
  readonly steps: number;
}

export const noWork: Work = { evaluations: 0, steps: 0 };

export const plus = (one: Work, other: Work): Work => ({
  evaluations: one.evaluations + other.evaluations,
  steps: one.steps + other.steps,
});

export const minus = (one: Work, other: Work): Work => ({
  evaluations: one.evaluations - other.evaluations,
  steps: one.steps - other.steps,
});

/** On the rungs from `rung` on, at most. @param alive trials that may come to it. */
export function workOf(bracket: Bracket, rung = 0, alive = Number.POSITIVE_INFINITY): Work {
  let before = bracket[rung - 1]?.steps ?? 0;
  return bracket.slice(rung).reduce((work, { trials, steps }) => {
    const evaluations = Math.min(alive, trials);
    const added = { evaluations, steps: evaluations * (steps - before) };
    before = steps;
    return plus(work, added);
  }, noWork);
}
