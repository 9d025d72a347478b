/** chooseUnits: which units stay, by their scores and how much is to go. */
import type { UnitCriterion } from './criterion.js';

export interface Candidates {
  readonly name: string;
  readonly scores: Float64Array;
  /** Weights that go with one unit: what competing units are weighed by. */
  readonly weights: number;
  /** Counts that stay are multiples of it, where there are so many. */
  readonly multiple: number;
}

export interface Amount {
  /** In [0, 1): of each group its units, or of all groups the weights that go with their units. */
  readonly sparsity: number;
  readonly allocation: 'uniform' | 'global';
  readonly across: UnitCriterion['across'];
  /** The share of each group that stays in any case, in (0, 1]; one unit always does. */
  readonly least: number;
}

/** 1 where a unit stays; ties go to the unit that comes first. */
export function chooseUnits(groups: readonly Candidates[], amount: Amount): Uint8Array[] {
  const counts = amount.allocation === 'uniform' ? uniformCounts(groups, amount) : globalCounts(groups, amount);
  return groups.map(({ scores, multiple }, i) => best(scores, rounded(counts[i]!, scores.length, multiple)));
}

const uniformCounts = (groups: readonly Candidates[], { sparsity, least }: Amount): number[] =>
  groups.map(({ scores: { length } }) => Math.max((1 - sparsity) * length, leastOf(length, least)));

/** The cheapest of all go until the weights asked for are gone, but for those that each group keeps. */
function globalCounts(groups: readonly Candidates[], { sparsity, across, least }: Amount): number[] {
  const all = groups.flatMap(({ scores, weights }, group) =>
    [...comparable(scores, across)].map((score) => ({ score, weights, group })),
  );
  const total = groups.reduce((sum, { scores, weights }) => sum + scores.length * weights, 0);
  const counts = groups.map(({ scores }) => scores.length);
  let toGo = sparsity * total;
  for (const { weights, group } of all.toSorted((a, b) => a.score - b.score)) {
    // the last unit goes where that is nearer to what was asked for
    if (toGo < weights / 2) break;
    if (counts[group]! <= leastOf(groups[group]!.scores.length, least)) continue;
    counts[group]!--;
    toGo -= weights;
  }
  return counts;
}

const leastOf = (count: number, least: number): number => Math.max(1, Math.ceil(least * count));

function comparable(scores: Float64Array, across: Amount['across']): Float64Array {
  if (across === 'as they are') return scores;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  if (across === 'over the mean') return scores.map((score) => (mean > 0 ? score / mean : 0));
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return scores.map((score) => (variance > 0 ? (score - mean) / Math.sqrt(variance) : 0));
}

/** The nearest multiple that there is; of fewer units than one multiple, the nearest whole number. */
export function rounded(wanted: number, count: number, multiple: number): number {
  if (count < multiple) return Math.min(count, Math.max(1, Math.round(wanted)));
  const nearest = Math.round(wanted / multiple) * multiple;
  return wanted > count - multiple / 2 ? count : Math.min(count, Math.max(multiple, nearest));
}

function best(scores: Float64Array, count: number): Uint8Array {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const living = new Uint8Array(scores.length);
  for (const unit of order.slice(0, count)) living[unit] = 1;
  return living;
}
