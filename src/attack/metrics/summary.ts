/** Summary: the figures of an attack over all its examples, one pass a goal. */
import { type Change, type ChangeFigure, changeFigures } from './change.js';
import { type Interpretability, percentiles } from './interpretability.js';
import type { Outcome } from './outcome.js';
import { curveNorms, type RobustnessCurve, robustnessCurve } from './robustness-curve.js';
import { meanOf, type Spread, spreadOf } from './spread.js';
import { type TargetsSummary, targetsSummary } from './targets.js';

/** Everything that one attack found under one goal. */
export interface Pass {
  /** As `nameOf` says it. */
  readonly goal: string;
  readonly targeted: boolean;
  readonly outcomes: readonly Outcome[];
}

export interface PassSummary {
  readonly goal: string;
  readonly targeted: boolean;
  /** Examples that the goal is one for. */
  readonly attacked: number;
  readonly succeeded: number;
  /** Of those attacked, in [0, 1]. */
  readonly successRate: number;
  /** The same after rounding to the levels that the data have. */
  readonly roundedSuccessRate?: number;
  /** Over successes; absent without any. */
  readonly change?: Readonly<Record<ChangeFigure, Spread>>;
  /** Means over all attacked, where a failure counts as no change, as the code of GSE's paper averages targeted attacks. */
  readonly changeOfAll: Change;
  /** Means over successes of IS_P by percentile, where it was measured. */
  readonly interpretability?: Interpretability;
  /** Over all attacked. */
  readonly forwards: Spread;
  readonly backwards: Spread;
}

export interface AttackSummary {
  readonly passes: readonly PassSummary[];
  /** Best, average and worst over the targets, where there are several. */
  readonly targets?: TargetsSummary;
  /** One a norm; passes are pooled: an example falls to the goal that is nearest. */
  readonly curves: readonly RobustnessCurve[];
}

/** @param passes of one attack, each over one example at least. */
export function summarize(passes: readonly Pass[]): AttackSummary {
  const targets = passes.length > 1 && passes.every(({ targeted }) => targeted) ? targetsSummary(passes) : undefined;
  return {
    passes: passes.map(passSummary),
    ...(targets && { targets }),
    curves: curvesOf(passes.flatMap(({ outcomes }) => outcomes)),
  };
}

/** Over pooled outcomes. */
export const curvesOf = (outcomes: readonly Outcome[]): RobustnessCurve[] =>
  curveNorms.map((norm) => robustnessCurve(outcomes, norm));

export function passSummary({ goal, targeted, outcomes }: Pass): PassSummary {
  const won = outcomes.filter(({ success }) => success);
  const change = won.length > 0 ? spreads(won) : undefined;
  const seen = meanInterpretability(won);
  const isRounded = outcomes.some(({ roundedSuccess }) => roundedSuccess !== undefined);
  return {
    goal,
    targeted,
    attacked: outcomes.length,
    succeeded: won.length,
    successRate: won.length / outcomes.length,
    ...(isRounded && {
      roundedSuccessRate: outcomes.filter(({ roundedSuccess }) => roundedSuccess).length / outcomes.length,
    }),
    ...(change && { change }),
    changeOfAll: means(outcomes),
    ...(seen && { interpretability: seen }),
    forwards: spreadOf(outcomes.map(({ forwards }) => forwards))!,
    backwards: spreadOf(outcomes.map(({ backwards }) => backwards))!,
  };
}

const spreads = (outcomes: readonly Outcome[]): Readonly<Record<ChangeFigure, Spread>> =>
  byFigure((figure) => spreadOf(outcomes.map(({ change }) => change[figure]))!);

const means = (outcomes: readonly Outcome[]): Change =>
  byFigure((figure) => meanOf(outcomes.map(({ change }) => change[figure])));

/** A number, or whatever else, of each figure of a change. */
export const byFigure = <T>(value: (figure: ChangeFigure) => T): Record<ChangeFigure, T> =>
  Object.fromEntries(changeFigures.map((figure) => [figure, value(figure)])) as Record<ChangeFigure, T>;

function meanInterpretability(outcomes: readonly Outcome[]): Interpretability | undefined {
  const measured = outcomes.flatMap(({ interpretability }) => interpretability ?? []);
  if (measured.length === 0) return undefined;
  const mean = (percent: keyof Interpretability): number => meanOf(measured.map((each) => each[percent]));
  return Object.fromEntries(percentiles.map((percent) => [percent, mean(percent)])) as unknown as Interpretability;
}
