/** Series as packed arrays, [channels, length]: what each position saves if it is kept, and what remains of those that are. */
import { UserError } from '../../errors.js';
import { type Box, clip, each, type StepSize } from './penalty.js';

export interface Series {
  readonly channels: number;
  /** Positions of each channel. */
  readonly length: number;
}

/** A run of positions from `from` up to and without `to`. */
export type Run = readonly [from: number, to: number];

export interface Savings {
  /** Of each position, against zero: sum over channels of (z^2 - (z - p)^2) / (2 step), p the nearest to z in the box. */
  readonly saved: Float64Array;
  /** 1 for positions that are kept in any case: the box excludes zero, the step is 0, or z isn't finite. */
  readonly held: Uint8Array;
}

export function savingsOf(
  z: Float32Array,
  step: StepSize,
  { lower, upper }: Box,
  { channels, length }: Series,
): Savings {
  const saved = new Float64Array(length);
  const held = new Uint8Array(length);
  for (let i = 0; i < channels * length; i++) {
    const at = i % length;
    const [low, high] = [each(lower, i), each(upper, i)];
    const value = z[i] as number;
    const p = clip(value, low, high);
    const square = p * (2 * value - p);
    // of 0 / 0 nothing is saved
    if (square !== 0) saved[at]! += square / (2 * each(step, i));
    if (low > 0 || high < 0 || !(saved[at]! < Number.POSITIVE_INFINITY)) held[at] = 1;
  }
  return { saved, held };
}

/** The box's nearest point to z within the runs, zero outside. */
export function keepRuns(
  z: Float32Array,
  runs: readonly Run[],
  { lower, upper }: Box,
  { channels, length }: Series,
  out: Float32Array,
): Float32Array {
  for (let c = 0; c < channels; c++) {
    const start = c * length;
    let next = start;
    for (const [from, to] of runs) {
      out.fill(0, next, start + from);
      for (let i = start + from; i < start + to; i++) out[i] = clip(z[i] as number, each(lower, i), each(upper, i));
      next = start + to;
    }
    out.fill(0, next, start + length);
  }
  return out;
}

/** Maximal runs of positions where a channel differs from zero. */
export function changedRuns(x: Float32Array, { channels, length }: Series): Run[] {
  const runs: Run[] = [];
  let from = -1;
  for (let at = 0; at <= length; at++) {
    let isChanged = false;
    for (let c = 0; c < channels && at < length; c++) isChanged ||= x[c * length + at] !== 0;
    if (isChanged && from < 0) from = at;
    if (!isChanged && from >= 0) {
      runs.push([from, at]);
      from = -1;
    }
  }
  return runs;
}

export const lengthOf = (runs: readonly Run[]): number => runs.reduce((sum, [from, to]) => sum + to - from, 0);

/** Of the unchanged positions between runs, a number a gap. */
export const gapsIn = (runs: readonly Run[]): number[] => runs.slice(1).map(([from], i) => from - (runs[i] as Run)[1]);

/** @throws UserError if the sizes aren't those of the array. */
export function checkSeries(name: string, { length: size }: Float32Array, { channels, length }: Series): void {
  if (size === channels * length) return;
  throw new UserError(name, `expected ${channels} channels of length ${length}, got ${size} elements`);
}
