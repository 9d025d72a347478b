/** The allowed row nearest to a point. */
import { boxOf, intervalOf, levelsFrom } from './allowed.js';
import { changedFeatures } from './changed.js';
import { clamp } from './dykstra.js';
import { gridOf, nearestAllowed } from './grid.js';
import { connected, featuresOf, sizeOf, violationOf } from './linear.js';
import { projectConnected, roundingSlack } from './project-linear.js';
import {
  type CategoryFeature,
  type Constraint,
  isNumber,
  type LevelFeature,
  type NumberFeature,
  type Schema,
} from './schema.js';
import { copyFeature, numberOf, setUnits, toUnits, unitsOf } from './units.js';

/**
 * Each feature goes to its nearest allowed value, its present one (to the bit) among them and preferred at a tie; then linear constraints
 * are met, by the changed features alone where they can, and features for which no values are found go back. A number that is not one is
 * taken as unchanged. The result has no violations, and is its own nearest row.
 * @param row what is changed: it is always allowed itself; @param point anything of the same length.
 */
export function snap(schema: Schema, row: Float32Array, point: Float32Array): Float32Array {
  const { lower, upper } = boxOf(schema, row);
  const snapped = row.slice();
  for (const feature of schema.features) {
    if (feature.isImmutable || feature.columns.some((column) => Number.isNaN(point[column]))) continue;
    const column = feature.columns[0]!;
    if (feature.type === 'categorical') snapCategory(feature, row, point, snapped);
    else if (!isNumber(feature)) snapLevel(feature, row, point, snapped);
    else if (feature.step === undefined) snapped[column] = clamp(point[column]!, lower[column]!, upper[column]!);
    else snapNumber({ ...feature, step: feature.step }, row, point, snapped);
  }
  let result: Float32Array = snapped;
  for (const part of connected(schema.constraints)) result = meet(schema, part, row, result);
  return result;
}

function snapNumber(
  feature: NumberFeature & { readonly step: number },
  row: Float32Array,
  point: Float32Array,
  snapped: Float32Array,
): void {
  const interval = intervalOf(feature, row);
  const now = unitsOf(feature, row);
  const target = clamp(numberOf(feature, point[feature.columns[0]!]!), interval.low, interval.high);
  const value = nearestAllowed(gridOf(feature, interval), target, now);
  if (value !== now) setUnits(feature, value, snapped);
}

function snapLevel(feature: LevelFeature, row: Float32Array, point: Float32Array, snapped: Float32Array): void {
  const [column] = feature.columns as [number];
  let least = Math.abs(row[column]! - point[column]!);
  for (const level of levelsFrom(feature, row)) {
    const distance = Math.abs(feature.levels[level]!.value - point[column]!);
    if (distance >= least) continue;
    least = distance;
    setUnits(feature, level, snapped);
  }
}

/** Of the one-hot rows and the present one, which need not be one-hot, the nearest: so the largest of the point, where it is. */
function snapCategory(feature: CategoryFeature, row: Float32Array, point: Float32Array, snapped: Float32Array): void {
  const { columns } = feature;
  const distance = (value: (i: number) => number) =>
    columns.reduce((sum, column, i) => sum + (value(i) - point[column]!) ** 2, 0);
  let least = distance((i) => row[columns[i]!]!);
  columns.forEach((_, category) => {
    const away = distance((i) => (i === category ? 1 : 0));
    if (away >= least) return;
    least = away;
    setUnits(feature, category, snapped);
  });
}

/** Constraints bind where a feature of theirs has changed. */
function meet(schema: Schema, part: readonly Constraint[], row: Float32Array, snapped: Float32Array): Float32Array {
  const changed = new Set(changedFeatures(schema, row, snapped, 0));
  const units = toUnits(schema, snapped);
  const isBroken = part.some(
    (constraint) =>
      constraint.terms.some(({ feature }) => changed.has(feature)) &&
      violationOf(constraint, units) > roundingSlack * sizeOf(schema, constraint, units),
  );
  if (!isBroken) return snapped;
  for (const movable of [changed, undefined]) {
    const met = projectConnected(schema, part, row, snapped, movable);
    if (typeof met !== 'string') return met;
  }
  const back = snapped.slice();
  for (const f of featuresOf(part)) copyFeature(schema.features[f]!, row, back);
  return back;
}
