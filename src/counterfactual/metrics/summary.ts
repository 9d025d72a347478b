/** summarize: figures of many counterfactuals, over those that are valid and over all. */
import type { Outcome } from './outcome.js';

export const figures = [
  'l0',
  'elements',
  'l1',
  'l2',
  'linf',
  'madL1',
  'lof',
  'kde',
  'gmm',
  'yNN',
  'im1',
  'im2',
  'violations',
  'redundancy',
  'told',
  'covered',
  'apart',
  'unlike',
  'span',
  'seconds',
] as const satisfies readonly (keyof Outcome)[];

export type Figure = (typeof figures)[number];

export interface Statistic {
  readonly mean: number;
  readonly median: number;
}

export interface Summary {
  readonly instances: number;
  /** Share of the instances that something was found for. */
  readonly validity: number;
  /** Absent figures are those that no outcome has. */
  readonly overValid: Partial<Record<Figure, Statistic>>;
  /**
   * A failure counts as its own instance, with distances of 0: as published code averages, which flatters methods that find little.
   */
  readonly overAll: Partial<Record<Figure, Statistic>>;
  /** How often each feature changes among the finds, by its number. */
  readonly changes: readonly { readonly feature: number; readonly count: number }[];
  /** Why nothing was found, and how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

export function summarize(outcomes: readonly Outcome[]): Summary {
  const valid = outcomes.filter(({ success }) => success);
  const counts = new Map<number, number>();
  for (const { changed } of valid) for (const feature of changed) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const reasons: Record<string, number> = {};
  for (const { reason } of outcomes) if (reason) reasons[reason.kind] = (reasons[reason.kind] ?? 0) + 1;
  return {
    instances: outcomes.length,
    validity: outcomes.length > 0 ? valid.length / outcomes.length : 0,
    overValid: statisticsOf(valid),
    overAll: statisticsOf(outcomes),
    changes: [...counts]
      .map(([feature, count]) => ({ feature, count }))
      .sort((a, b) => b.count - a.count || a.feature - b.feature),
    reasons,
  };
}

const statisticsOf = (outcomes: readonly Outcome[]): Partial<Record<Figure, Statistic>> =>
  Object.fromEntries(
    figures.flatMap((figure) => {
      const values = outcomes.map((outcome) => outcome[figure]).filter((value) => value !== undefined);
      return values.length > 0 ? [[figure, statisticOf(values)]] : [];
    }),
  );

function statisticOf(values: readonly number[]): Statistic {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    median: sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2,
  };
}
