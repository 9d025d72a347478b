/** What one feature of a row may change to. */
import { type Interval, intervalOf, levelsFrom } from './allowed.js';
import { gridOf, gridValue, isPresent } from './grid.js';
import { isNumber, type NumberFeature, type Schema } from './schema.js';
import { columnOf, unitsOf } from './units.js';

export interface MoveOptions {
  /** The most values of a number, both ends of its interval among them; default 32. Levels and categories are never thinned. */
  readonly grid?: number;
}

/**
 * Candidate values in units, rising, without the present one. Constraints are not looked at.
 * @param feature its index in the schema.
 */
export function moves(schema: Schema, row: Float32Array, feature: number, { grid = 32 }: MoveOptions = {}): number[] {
  const one = schema.features[feature]!;
  if (one.isImmutable) return [];
  if (one.type === 'categorical') {
    // a row that is not one-hot is in no category
    const isPresentCategory = (i: number) => one.columns.every((column, j) => row[column] === (i === j ? 1 : 0));
    return one.categories.flatMap((_, i) => (isPresentCategory(i) ? [] : [i]));
  }
  if (!isNumber(one)) return levelsFrom(one, row);
  const interval = intervalOf(one, row);
  const now = unitsOf(one, row);
  return one.step === undefined
    ? spread(one, interval, now, grid)
    : multiples({ ...one, step: one.step }, interval, now, grid);
}

function spread(feature: NumberFeature, { low, high }: Interval, now: number, count: number): number[] {
  const values = low < high ? evenly(low, high, count) : [];
  return values.filter((value) => columnOf(feature, value) !== columnOf(feature, now));
}

function multiples(
  feature: NumberFeature & { readonly step: number },
  interval: Interval,
  now: number,
  count: number,
): number[] {
  const grid = gridOf(feature, interval);
  if (grid.first > grid.last) return [];
  const chosen = evenly(grid.first, grid.last, Math.min(count, grid.last - grid.first + 1)).map(Math.round);
  return chosen.map((multiple) => gridValue(grid, multiple)).filter((value) => !isPresent(grid, value, now));
}

const evenly = (low: number, high: number, count: number): number[] =>
  count < 2
    ? [low]
    : Array.from({ length: count }, (_, i) => (i === count - 1 ? high : low + ((high - low) * i) / (count - 1)));
