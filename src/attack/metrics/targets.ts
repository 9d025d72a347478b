/** The best, average and worst case over several target labels, as papers on targeted attacks tell them. */
import type { Change, ChangeFigure } from './change.js';
import type { Outcome } from './outcome.js';
import { meanOf } from './spread.js';
import { byFigure, type Pass } from './summary.js';

export interface TargetsSummary {
  /** Target labels tried an example, at most. */
  readonly targets: number;
  /** Each figure's least over the targets that were reached, of examples with any; success: any target reached. */
  readonly best: CaseSummary;
  /** Over all pairs of example and target, those that failed as no change; success: of all pairs. */
  readonly average: CaseSummary;
  /** Each figure's most over the targets, of examples with all of them reached; success: all targets reached. */
  readonly worst: CaseSummary;
}

export interface CaseSummary {
  readonly successRate: number;
  /** Examples, or pairs, that `change` is the mean over. */
  readonly counted: number;
  /** Absent where none is counted. */
  readonly change?: Change;
}

/** @param passes one a target. */
export function targetsSummary(passes: readonly Pass[]): TargetsSummary {
  const pairs = passes.flatMap(({ outcomes }) => outcomes);
  const byExample = new Map<number, Outcome[]>();
  for (const outcome of pairs) byExample.set(outcome.id, [...(byExample.get(outcome.id) ?? []), outcome]);
  const examples = [...byExample.values()];
  const reached = examples.map((each) => each.filter(({ success }) => success)).filter((each) => each.length > 0);
  const whole = examples.filter((each) => each.every(({ success }) => success));
  const of = (groups: readonly (readonly Outcome[])[], choose: (...values: number[]) => number) =>
    caseOf(groups.length, (figure) => groups.map((each) => choose(...each.map(({ change }) => change[figure]))));
  return {
    targets: Math.max(...examples.map(({ length }) => length)),
    best: { successRate: reached.length / examples.length, ...of(reached, Math.min) },
    average: {
      successRate: pairs.filter(({ success }) => success).length / pairs.length,
      ...caseOf(pairs.length, (figure) => pairs.map(({ change }) => change[figure])),
    },
    worst: { successRate: whole.length / examples.length, ...of(whole, Math.max) },
  };
}

const caseOf = (counted: number, values: (figure: ChangeFigure) => readonly number[]) => ({
  counted,
  ...(counted > 0 && { change: byFigure((figure) => meanOf(values(figure))) }),
});
