/** The values in units that a stepped number may take from where it is. */
import type { Interval } from './allowed.js';
import type { NumberFeature } from './schema.js';

export interface Grid {
  readonly from: number;
  readonly step: number;
  /** First and last whole multiple; the first is above the last where there is none. */
  readonly first: number;
  readonly last: number;
}

export function gridOf({ range, step }: NumberFeature & { readonly step: number }, { low, high }: Interval): Grid {
  // what rounding leaves of a division is no multiple more or less
  const first = Math.ceil((low - range[0]) / step - 1e-6);
  return { from: range[0], step, first, last: Math.floor((high - range[0]) / step + 1e-6) };
}

export const gridValue = ({ from, step }: Grid, multiple: number): number => from + multiple * step;

/** Values so near the present one are that one: it may lie beside the grid, and unchanged is the simpler change. */
export const isPresent = ({ step }: { readonly step: number }, value: number, now: number): boolean =>
  Math.abs(value - now) < (step / 2) * (1 - 1e-9);

/**
 * The nearest value to `target` among the grid and `now`; of two as near, that towards `now`.
 * A target that is infinite is limited before.
 */
export function nearestAllowed(grid: Grid, target: number, now: number): number {
  const exact = (target - grid.from) / grid.step;
  const towards = now > target ? Math.floor(exact + 0.5) : Math.ceil(exact - 0.5);
  const value = gridValue(grid, Math.min(Math.max(towards, grid.first), grid.last));
  if (grid.first > grid.last || isPresent(grid, value, now)) return now;
  return Math.abs(value - target) < Math.abs(now - target) ? value : now;
}

/** Up to `count` allowed values by their distance from `centre`, the present one among them. */
export function nearbyValues(grid: Grid, centre: number, now: number, count: number): number[] {
  const middle = Math.round((centre - grid.from) / grid.step);
  const values = [now];
  let [below, above] = [Math.min(middle, grid.last), Math.max(middle + 1, grid.first)];
  const distance = (multiple: number) => Math.abs(gridValue(grid, multiple) - centre);
  while (values.length < count && (below >= grid.first || above <= grid.last)) {
    const isBelow = above > grid.last || (below >= grid.first && distance(below) <= distance(above));
    const value = gridValue(grid, isBelow ? below-- : above++);
    if (!isPresent(grid, value, now)) values.push(value);
  }
  return values.sort((a, b) => Math.abs(a - centre) - Math.abs(b - centre));
}
