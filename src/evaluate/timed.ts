/** Figures of what was timed in rounds: the time of each model, and its ratio to the first pair by pair. */
import type { Cost } from './clock.js';
import { ascending, medianInterval, medianOf, quantile, quartilesOf } from './spread.js';

/** The time of one run; milliseconds. */
export interface Timed {
  readonly p50Milliseconds: number;
  readonly p95Milliseconds: number;
  readonly meanMilliseconds: number;
  readonly quartilesMilliseconds: readonly [number, number];
  /** Of the median, at 95 %; absent of fewer than six rounds. */
  readonly intervalMilliseconds?: readonly [number, number];
  /** Median of the time that processors spent on a run, all threads together. */
  readonly processorMilliseconds: number;
  /** Of all timed runs together: samples over seconds. */
  readonly samplesPerSecond: number;
  readonly rounds: number;
  /** Timed, in all rounds together. */
  readonly runs: number;
  /** Samples per run. */
  readonly batch: number;
}

/** The time of a model over that of the first in the same round. */
export interface PairedRatio extends RatioSpread {
  /** The same of the time that processors spent, which other processes do not lengthen; absent where that is too short to measure. */
  readonly processor?: RatioSpread;
}

export interface RatioSpread {
  /** Below 1: faster than the first. */
  readonly median: number;
  readonly quartiles: readonly [number, number];
  /** Of the median, at 95 %; absent of fewer than six rounds. */
  readonly interval?: readonly [number, number];
}

/** What the runs of each round cost: the rounds are taken as independent, runs within one are not. */
export type Rounds = readonly (readonly Cost[])[];

export function timedOf(rounds: Rounds, batch: number): Timed {
  const costs = rounds.flat();
  const times = ascending(costs.map(({ milliseconds }) => milliseconds));
  const sum = times.reduce((total, time) => total + time, 0);
  const interval = medianInterval(mediansOf(rounds, 'milliseconds'));
  return {
    p50Milliseconds: quantile(times, 0.5),
    p95Milliseconds: quantile(times, 0.95),
    meanMilliseconds: sum / times.length,
    quartilesMilliseconds: [quantile(times, 0.25), quantile(times, 0.75)],
    ...(interval && { intervalMilliseconds: interval }),
    processorMilliseconds: medianOf(costs.map(({ processorMilliseconds }) => processorMilliseconds)),
    samplesPerSecond: (1000 * batch * times.length) / sum,
    rounds: rounds.length,
    runs: times.length,
    batch,
  };
}

/** @param first the same rounds of the model that is compared with. */
export function pairedRatio(rounds: Rounds, first: Rounds): PairedRatio {
  const ratiosOf = (figure: keyof Cost): number[] => {
    const below = mediansOf(first, figure);
    return mediansOf(rounds, figure).map((cost, i) => cost / below[i]!);
  };
  const processor = ratiosOf('processorMilliseconds');
  const isMeasured = processor.every((ratio) => Number.isFinite(ratio) && ratio > 0);
  return { ...spreadOf(ratiosOf('milliseconds')), ...(isMeasured && { processor: spreadOf(processor) }) };
}

export const mediansOf = (rounds: Rounds, figure: keyof Cost): number[] =>
  rounds.map((costs) => medianOf(costs.map((cost) => cost[figure])));

function spreadOf(ratios: readonly number[]): RatioSpread {
  const interval = medianInterval(ratios);
  return { median: medianOf(ratios), quartiles: quartilesOf(ratios), ...(interval && { interval }) };
}
