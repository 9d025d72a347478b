/** The figures of a bench as text, for pages and the terminal. */

import type { PairedRatio, RatioSpread } from '../evaluate/timed.js';
import type { BenchMemory, BenchOutputs } from './bench-report.js';
import { bytes, figure, percent } from './format.js';

const space = '\u202f';

/** `0.513`. */
export const ratioText = (value: number): string => value.toPrecision(value < 0.1 ? 2 : 3);

/** `0.513 (0.508 to 0.519)`. */
export const ratioWithin = ({ median, interval }: RatioSpread): string =>
  interval ? `${ratioText(median)} (${ratioText(interval[0])} to ${ratioText(interval[1])})` : ratioText(median);

/** The same of the time that processors spent; nothing said of the first is 1. */
export const processorText = (ratio: PairedRatio | undefined): string =>
  ratio ? (ratio.processor ? ratioWithin(ratio.processor) : '—') : '1';

/** `2.81`, without its unit. */
export const time = (value: number): string => (value >= 1000 ? figure(value) : value.toPrecision(3));

/** `2.79 to 2.84`. */
export const range = ([low, high]: readonly [number, number]): string => `${time(low)} to ${time(high)}`;

/** Whether the interval leaves out that both take as long; unknown is no. */
export const isToldApart = ({ interval }: RatioSpread): boolean =>
  interval !== undefined && (interval[1] < 1 || interval[0] > 1);

/** `1.95 × as fast`, `1.20 × the time`, `not told apart`. */
export function speedText(ratio: RatioSpread): string {
  if (!isToldApart(ratio)) return 'not told apart';
  const { median } = ratio;
  return median <= 1 ? `${(1 / median).toPrecision(3)}${space}× as fast` : `${median.toPrecision(3)}${space}× the time`;
}

/** `12.3 MB ± 0.2 MB`: half of what lies between the least and the most. */
export function memoryText({ bytes: added, leastBytes, mostBytes }: BenchMemory): string {
  const half = (mostBytes - leastBytes) / 2;
  return half === 0 ? bytes(added) : `${bytes(added)} ± ${bytes(Math.round(half))}`;
}

/** The largest relative error of an output: `1.2 %`, `the same`. */
export function outputsText(outputs: BenchOutputs | undefined): string {
  if (!outputs) return '';
  if (outputs.failure !== undefined) return 'other outputs';
  if (outputs.outputs.every(({ maxAbsolute }) => maxAbsolute === 0)) return 'the same';
  const errors = outputs.outputs.map(({ relative }) => relative ?? Number.NaN);
  const worst = errors.some(Number.isNaN) ? Number.NaN : Math.max(...errors);
  return worst >= 1e-3 ? percent(worst, 2) : figure(worst);
}
