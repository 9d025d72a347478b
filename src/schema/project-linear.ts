/** The row nearest to a point in which linear constraints hold: continuous features projected, stepped ones searched for around that. */
import { type Interval, intervalOf } from './allowed.js';
import { bestFirst } from './best-first.js';
import { type Bounds, dykstra, type Slab } from './dykstra.js';
import { reachOf } from './feasible.js';
import { gridOf, nearbyValues } from './grid.js';
import { connected, featuresOf, sizeOf, violationOf } from './linear.js';
import type { Constraint, NumberFeature, Schema } from './schema.js';
import { columnOf, copyFeature, toUnits, unitsOf } from './units.js';

/** Float32 rounds a column by at most 2^-24 of it; a sum of columns stays inside when it was inside by this, relative to its size. */
const inside = 2 ** -22;

/** What rounding may leave of a constraint, relative to its size; below what counts as a violation. */
export const roundingSlack = 5e-7;

/** Combinations of stepped values that are tried in search of the nearest, and how many of them may need a projection of the others. */
const mostCombinations = 5000;
const mostProjections = 100;

/**
 * Distances are relative to the width of each feature's interval. Features in no constraint stay as they are in `point`; those with
 * steps land on them, and stay in the limits of `row`; a value that need not move keeps its column to the bit.
 * @param row what is changed: limits and unchanged values are its own; @param point on steps where it is on them in the result;
 * @param movable indices of the features that may change; default: all.
 * @returns why there is none, or none was found, where there is none.
 */
export function projectLinear(
  schema: Schema,
  row: Float32Array,
  point: Float32Array,
  movable?: ReadonlySet<number>,
): Float32Array | string {
  let result = point;
  for (const constraints of connected(schema.constraints)) {
    const projected = projectConnected(schema, constraints, row, result, movable);
    if (typeof projected === 'string') return projected;
    result = projected;
  }
  return result === point ? point.slice() : result;
}

/** As `projectLinear`, for constraints that hang together. */
export function projectConnected(
  schema: Schema,
  constraints: readonly Constraint[],
  row: Float32Array,
  point: Float32Array,
  movable?: ReadonlySet<number>,
): Float32Array | string {
  const result = point.slice();
  const members = featuresOf(constraints);
  for (const f of members) if (schema.features[f]!.isImmutable) copyFeature(schema.features[f]!, row, result);
  const units = toUnits(schema, result);
  const free = members.flatMap((f) => {
    const feature = schema.features[f] as NumberFeature;
    const interval = intervalOf(feature, row);
    const canMove = interval.high > interval.low && (movable?.has(f) ?? true);
    return canMove ? [{ f, feature, interval, width: interval.high - interval.low, now: unitsOf(feature, row) }] : [];
  });
  const wanted = constraints.filter(({ terms }) => terms.some(({ feature }) => free.some(({ f }) => f === feature)));
  const found = solve(schema, wanted, units, free);
  if (!found) return `no allowed values were found for ${wanted.map(({ text }) => `'${text}'`).join(', ')}`;
  for (const { f, feature, width, interval, now } of free) {
    // what the projection leaves alone but for rounding stays to the bit
    if (Math.abs(found[f]! - units[f]!) <= 1e-10 * width && isWithin(interval, units[f]!)) continue;
    const column = feature.columns[0]!;
    result[column] = found[f] === now ? row[column]! : columnOf(feature, found[f]!);
  }
  const reached = toUnits(schema, result);
  const off = wanted.find((constraint) => !holds(schema, constraint, reached, roundingSlack));
  return off ? `no allowed values were found for '${off.text}' in float32` : result;
}

interface Free {
  /** Index of the feature. */
  readonly f: number;
  readonly feature: NumberFeature;
  readonly interval: Interval;
  readonly width: number;
  readonly now: number;
}

/** Values of all features in units, those of `free` moved until the constraints hold; undefined where none were found. */
function solve(
  schema: Schema,
  constraints: readonly Constraint[],
  units: readonly number[],
  free: readonly Free[],
): number[] | undefined {
  const relaxed = projectInside(schema, constraints, units, free);
  const stepped = free.filter(({ feature }) => feature.step !== undefined);
  if (stepped.length === 0 || !relaxed) return relaxed;
  const smooth = free.filter(({ feature }) => feature.step === undefined);
  const choices = stepped.map(({ f, feature, interval, now }) =>
    nearbyValues(gridOf({ ...feature, step: feature.step! }, interval), relaxed[f]!, now, mostNearby),
  );
  const costs = stepped.map(({ f, width }, i) => choices[i]!.map((value) => ((value - relaxed[f]!) / width) ** 2));
  const away = distance(units, relaxed, free);
  let [combinations, projections] = [0, 0];
  let best: { readonly values: number[]; readonly distance: number } | undefined;
  for (const { indices, total } of bestFirst(costs)) {
    // a projection onto a convex set is at an obtuse angle to all of it: none that follows can be nearer than this
    if (best && away + total >= best.distance) break;
    if (++combinations > mostCombinations || projections > mostProjections) break;
    const tried = [...units];
    stepped.forEach(({ f }, i) => {
      tried[f] = choices[i]![indices[i]!]!;
    });
    if (!isReachable(schema, constraints, tried, smooth)) continue;
    if (smooth.length > 0) projections++;
    const values = smooth.length > 0 ? projectInside(schema, constraints, tried, smooth) : tried;
    const reached = values ? distance(units, values, free) : Number.POSITIVE_INFINITY;
    if (values && !(best && best.distance <= reached)) best = { values, distance: reached };
  }
  return best?.values;
}

/** Squared, in widths. */
const distance = (from: readonly number[], to: readonly number[], free: readonly Free[]): number =>
  free.reduce((sum, { f, width }) => sum + ((to[f]! - from[f]!) / width) ** 2, 0);

const mostNearby = 64;

/** Projected a little inside, so that float32 keeps it there; onto the border where there is no inside. */
function projectInside(
  schema: Schema,
  constraints: readonly Constraint[],
  units: readonly number[],
  free: readonly Free[],
): number[] | undefined {
  const project = (margins: readonly number[]) => {
    const found = projectWith(constraints, units, free, margins);
    return constraints.every((constraint) => holds(schema, constraint, found, roundingSlack / 5)) ? found : undefined;
  };
  const border = project(constraints.map(() => 0));
  if (!border) return undefined;
  return project(constraints.map((constraint) => inside * sizeOf(schema, constraint, border))) ?? border;
}

function projectWith(
  constraints: readonly Constraint[],
  units: readonly number[],
  free: readonly Free[],
  margins: readonly number[],
): number[] {
  const slabs = constraints.map((constraint, k) => slabOf(constraint, units, free, margins[k]!));
  const bounds: Bounds = {
    lower: free.map(({ interval, width }) => interval.low / width),
    upper: free.map(({ interval, width }) => interval.high / width),
  };
  const start = free.map(({ f, width }) => units[f]! / width);
  const found = [...units];
  dykstra(start, slabs, bounds).forEach((x, i) => {
    const { f, width, interval } = free[i]!;
    found[f] = atEnd(x * width, interval);
  });
  return found;
}

/** What all but reaches an end of its interval does. */
function atEnd(x: number, { low, high }: Interval): number {
  const slack = 1e-10 * (high - low);
  if (x < low + slack) return low;
  return x > high - slack ? high : x;
}

/** A constraint over the free features alone, in widths, scaled to factors of length 1; what the others add is in the bounds. */
function slabOf(
  { terms, low, high }: Constraint,
  units: readonly number[],
  free: readonly Free[],
  margin: number,
): Slab {
  const factors = free.map(({ f, width }) => (terms.find(({ feature }) => feature === f)?.factor ?? 0) * width);
  const rest = terms.reduce(
    (sum, { feature, factor }) => (free.some(({ f }) => f === feature) ? sum : sum + factor * units[feature]!),
    0,
  );
  const length = Math.hypot(...factors) || 1;
  // an equation has no inside
  const shrunk = high - low > 2 * margin ? margin : 0;
  return {
    factors: factors.map((factor) => factor / length),
    low: (low + shrunk - rest) / length,
    high: (high - shrunk - rest) / length,
  };
}

/** Whether each constraint alone can still hold, by interval arithmetic. */
function isReachable(
  schema: Schema,
  constraints: readonly Constraint[],
  units: readonly number[],
  free: readonly Free[],
): boolean {
  return constraints.every((constraint) => {
    const { low, high } = reachOf(
      constraint,
      (feature) => free.find(({ f }) => f === feature)?.interval ?? { low: units[feature]!, high: units[feature]! },
    );
    const slack = 1e-9 * sizeOf(schema, constraint, units);
    return high >= constraint.low - slack && low <= constraint.high + slack;
  });
}

const holds = (schema: Schema, constraint: Constraint, units: readonly number[], slack: number): boolean =>
  violationOf(constraint, units) <= slack * sizeOf(schema, constraint, units);

const isWithin = ({ low, high }: Interval, x: number): boolean => x >= low && x <= high;
