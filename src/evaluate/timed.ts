/** Figures of what was timed in rounds: the time of each model, and its ratio to the first pair by pair. */
import { ascending, medianInterval, medianOf, quantile, quartilesOf } from './spread.js';

/** The time of one run; milliseconds. */
export interface Timed {
  readonly p50Milliseconds: number;
  readonly p95Milliseconds: number;
  readonly meanMilliseconds: number;
  readonly quartilesMilliseconds: readonly [number, number];
  /** Of the median, at 95 %; absent of fewer than six rounds. */
  readonly intervalMilliseconds?: readonly [number, number];
  /** Of all timed runs together: samples over seconds. */
  readonly samplesPerSecond: number;
  readonly rounds: number;
  /** Timed, in all rounds together. */
  readonly runs: number;
  /** Samples per run. */
  readonly batch: number;
}

/** The time of a model over that of the first in the same round. */
export interface PairedRatio {
  /** Below 1: faster than the first. */
  readonly median: number;
  readonly quartiles: readonly [number, number];
  /** Of the median, at 95 %; absent of fewer than six rounds. */
  readonly interval?: readonly [number, number];
}

/** @param rounds milliseconds of the runs of each round: the rounds are taken as independent, runs within one are not. */
export function timedOf(rounds: readonly (readonly number[])[], batch: number): Timed {
  const times = ascending(rounds.flat());
  const sum = times.reduce((total, time) => total + time, 0);
  const interval = medianInterval(rounds.map(medianOf));
  return {
    p50Milliseconds: quantile(times, 0.5),
    p95Milliseconds: quantile(times, 0.95),
    meanMilliseconds: sum / times.length,
    quartilesMilliseconds: [quantile(times, 0.25), quantile(times, 0.75)],
    ...(interval && { intervalMilliseconds: interval }),
    samplesPerSecond: (1000 * batch * times.length) / sum,
    rounds: rounds.length,
    runs: times.length,
    batch,
  };
}

/** @param rounds as of `timedOf`. @param first the same rounds of the model that is compared with. */
export function pairedRatio(
  rounds: readonly (readonly number[])[],
  first: readonly (readonly number[])[],
): PairedRatio {
  const ratios = rounds.map((times, i) => medianOf(times) / medianOf(first[i]!));
  const interval = medianInterval(ratios);
  return { median: medianOf(ratios), quartiles: quartilesOf(ratios), ...(interval && { interval }) };
}
