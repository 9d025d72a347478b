/** How far each feature may go from where it is in one row. */
import { describeValue } from './describe.js';
import { isNumber, type LevelFeature, type NumberFeature, type Schema } from './schema.js';
import { columnOf, numberOf, unitsOf } from './units.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface RowBox {
  /** Per column, in what the columns hold. The row itself lies between them. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** Values that already lie outside of their range: it is widened for them, as to change nothing is always allowed. */
  readonly notes: readonly string[];
}

/** Limits of each column for one row: range, direction and what is immutable. Steps, categories and constraints are not in them. */
export function boxOf(schema: Schema, row: Float32Array): RowBox {
  const lower = row.slice();
  const upper = row.slice();
  const notes: string[] = [];
  schema.features.forEach((feature, f) => {
    for (const column of feature.columns) {
      const value = row[column]!;
      if (feature.isImmutable) continue;
      const [low, high] = isNumber(feature)
        ? feature.range.map((end) => columnOf(feature, end))
        : feature.type === 'categorical'
          ? [0, 1]
          : [feature.levels[0]!.value, feature.levels.at(-1)!.value];
      if (feature.direction !== 'increase') lower[column] = Math.min(value, low!);
      if (feature.direction !== 'decrease') upper[column] = Math.max(value, high!);
    }
    if (isNumber(feature) && isOutside(feature, row)) {
      const [now, low, high] = [unitsOf(feature, row), ...feature.range].map((x) => describeValue(feature, x));
      notes.push(
        `${schema.features[f]!.name}: ${now} lies outside of the range ${low} to ${high}, which is widened to it`,
      );
    }
  });
  return { lower, upper, notes };
}

/** Where a number may go, in units. */
export function intervalOf(feature: NumberFeature, row: Float32Array): Interval {
  const now = unitsOf(feature, row);
  if (feature.isImmutable) return { low: now, high: now };
  return {
    low: feature.direction === 'increase' ? now : Math.min(now, feature.range[0]),
    high: feature.direction === 'decrease' ? now : Math.max(now, feature.range[1]),
  };
}

/** The levels that one may change to: without the present one. */
export function levelsFrom({ levels, isImmutable, direction, columns }: LevelFeature, row: Float32Array): number[] {
  const column = row[columns[0]!]!;
  const slack = 1e-3 * Math.min(...levels.slice(1).map(({ value }, i) => value - levels[i]!.value));
  if (isImmutable) return [];
  return levels.flatMap(({ value }, i) => {
    const isThere = Math.abs(value - column) <= slack;
    const isAgainst = direction && (direction === 'increase' ? value < column : value > column);
    return isThere || isAgainst ? [] : [i];
  });
}

/** A millionth of the range is no more than rounding. */
function isOutside(feature: NumberFeature, row: Float32Array): boolean {
  const [low, high] = feature.range;
  const slack = 1e-6 * Math.max(high - low, Math.abs(low), Math.abs(high));
  const now = numberOf(feature, row[feature.columns[0]!]!);
  return now < low - slack || now > high + slack;
}
