/** The axes and grids that charts have alike. */
import { axisX, axisY, gridY, ruleY } from '@observablehq/plot';
import { count } from './format.js';

interface Axis {
  readonly ticks?: number | readonly number[];
  readonly label?: string | null;
  readonly format?: (value: number) => string;
}

/** Lines across, and what they stand at. */
export const across = ({ ticks = 5, format = String }: Axis = {}) => [
  gridY({ ticks: ticks as number, stroke: 'var(--line)', strokeOpacity: 1 }),
  axisY({ ticks: ticks as number, tickSize: 0, label: null, tickFormat: format, fill: 'var(--soft)' }),
];

/** Ticks below. */
export const below = ({ ticks = 5, label = null, format = count }: Axis = {}) =>
  axisX({
    ...{ ticks: ticks as number, tickSize: 4, label, labelArrow: 'none', labelAnchor: 'right', tickFormat: format },
    ...{ stroke: 'var(--soft)', fill: 'var(--soft)' },
  });

export const ground = (at: number) => ruleY([at], { stroke: 'var(--soft)' });

/** At most `most` powers of ten between, or where they are few their doubles and fives too. */
export function logTicks(low: number, high: number, most = 5): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  const within = (value: number): boolean => value >= low && value <= high;
  const whole = powers.filter(within);
  if (whole.length > most) {
    const every = Math.ceil(whole.length / most);
    return whole.filter((_, i) => i % every === 0);
  }
  const finer = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter(within);
  return finer.length <= most + 1 ? finer : whole;
}

/** `0.05`, `1e−5`. */
export const tickText = (value: number): string =>
  value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
    ? value.toExponential(1).replace('.0', '').replace('-', '\u2212').replace('+', '')
    : count(value);

/** From the least to the most of finite values with some air, at least `least` wide, inside `limits`. */
export function airy(
  values: readonly number[],
  least: number,
  limits: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [Math.max(0, limits[0]), Math.min(1, limits[1])];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const air = Math.max(0.06 * (high - low), (least - (high - low)) / 2);
  return [Math.max(limits[0], low - air), Math.min(limits[1], high + air)];
}
