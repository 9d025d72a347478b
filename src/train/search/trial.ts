/** trial: settings that are tried, what came of them, and which of two trials is the better one. */
import type { Settings } from './spaces.js';

/** A trial on one rung: what is to be trained and judged. */
export interface Trial {
  /** Of this trial at this number of steps, the same at each start: a name for what is kept of it. */
  readonly key: string;
  /** Trials count from 0 in the order they are started. */
  readonly id: number;
  /** Brackets count from 0 in the order they are gone through. */
  readonly bracket: number;
  readonly rung: number;
  readonly settings: Settings;
  /** To be trained for in all. */
  readonly steps: number;
  /** Steps that it has trained for on the rung before; 0 on the first. */
  readonly from: number;
}

export interface Outcome {
  /** Higher is better: validation weighted AUC. One that is not finite counts as failed. */
  readonly score: number;
  /** Lower is better among equal scores: log loss. */
  readonly tie?: number;
  /** Why there is no score. */
  readonly failed?: string;
  /** That it took, where the trial went on from a break of its own; default: as measured. */
  readonly milliseconds?: number;
}

/** As it is kept for a later start; what JSON can hold, where `failed` stands for a score of -Infinity. */
export interface KeptOutcome extends Outcome {
  readonly milliseconds: number;
}

/**
 * - `kept` to the last rung: it has trained for all steps;
 * - `dropped` for fewer, because others on its rung were better;
 * - `unfinished` for fewer, because the time was over;
 * - `failed` has no score: its loss was not a number any more.
 */
export type TrialStatus = 'kept' | 'dropped' | 'unfinished' | 'failed';

/** Where a trial has come to. */
export interface TrialRecord {
  readonly id: number;
  readonly bracket: number;
  /** The last one it was judged on, after `steps`. */
  readonly rung: number;
  readonly steps: number;
  readonly settings: Settings;
  /** On that rung; -Infinity where it failed. */
  readonly score: number;
  readonly tie?: number;
  readonly failed?: string;
  readonly status: TrialStatus;
}

type Ranked = Pick<TrialRecord, 'id' | 'score' | 'tie'>;

/** The better one first: by score, then by log loss, then the one that was started earlier. */
export function byRank(one: Ranked, other: Ranked): number {
  if (one.score !== other.score) return one.score > other.score ? -1 : 1;
  const [a, b] = [one, other].map(({ tie = Number.NaN }) => (Number.isNaN(tie) ? Number.POSITIVE_INFINITY : tie));
  return a === b ? one.id - other.id : a! - b!;
}

/** The best `count` of those that did not fail, in the order they were started. */
export const promoted = (judged: readonly TrialRecord[], count: number): number[] =>
  judged
    .filter(({ status }) => status !== 'failed')
    .sort(byRank)
    .slice(0, count)
    .map(({ id }) => id)
    .sort((a, b) => a - b);
