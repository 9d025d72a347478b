/** limits: linear constraints between features in the coordinates of a search, so that a descent goes along them. */
import type { Bounds } from '../../oracle/bounds.js';
import { type Constraint, connected, dykstra, type NumberFeature, type Schema } from '../../schema/index.js';
import type { Case } from '../case.js';

/** Takes a change of one instance, in place, to the nearest that its limits allow. @param box of the change. */
export type KeepTo = (change: Float32Array, start: Float32Array, box: Box) => void;

interface Box {
  readonly lower: Float32Array;
  readonly upper: Float32Array;
}

/** low <= sum of factors times elements <= high. */
interface Limit {
  readonly elements: readonly number[];
  /** One an element, of length 1 together. */
  readonly factors: readonly number[];
  /** Either may be infinite. */
  readonly low: number;
  readonly high: number;
}

/** What a point may be beyond a limit for rounding; rows that are kept are held to less. */
const slack = 1e-6;

/**
 * As rows are snapped: constraints bind where a feature of theirs has changed, and are met by the changed features alone where they
 * can. A change that cannot be brought to them stays. @returns undefined where there are no constraints.
 */
export function keepToLimits({ features: { schema }, bounds }: Pick<Case, 'features' | 'bounds'>): KeepTo | undefined {
  if (!schema || schema.constraints.length === 0) return undefined;
  const groups = connected(schema.constraints).map((group) => group.map((each) => limitOf(each, schema, bounds)));
  return (change, start, box) => {
    for (const group of groups) {
      const all = [...new Set(group.flatMap(({ elements }) => elements))];
      const changed = all.filter((i) => change[i] !== 0);
      const isTouched = ({ elements }: Limit): boolean => elements.some((i) => change[i] !== 0);
      if (!group.some((limit) => isTouched(limit) && isBroken(limit, change, start))) continue;
      projected(group, changed, change, start, box) || projected(group, all, change, start, box);
    }
  };
}

/** Units are (point * room + lower) * divisor + offset. */
function limitOf({ terms, low, high }: Constraint, { features }: Schema, { lower, upper }: Bounds): Limit {
  const parts = terms.map(({ feature, factor }) => {
    const { columns, scale } = features[feature] as NumberFeature;
    const [column] = columns as [number];
    return {
      column,
      factor: factor * scale.divisor * (upper[column]! - lower[column]!),
      rest: factor * (scale.divisor * lower[column]! + scale.offset),
    };
  });
  const length = Math.hypot(...parts.map(({ factor }) => factor)) || 1;
  const rest = parts.reduce((sum, part) => sum + part.rest, 0);
  return {
    elements: parts.map(({ column }) => column),
    factors: parts.map(({ factor }) => factor / length),
    low: (low - rest) / length,
    high: (high - rest) / length,
  };
}

function isBroken({ elements, factors, low, high }: Limit, change: Float32Array, start: Float32Array): boolean {
  const sum = elements.reduce((total, i, k) => total + factors[k]! * (start[i]! + change[i]!), 0);
  return sum < low - slack || sum > high + slack;
}

/** Moves those elements alone, where that is enough. @returns whether it was. */
function projected(
  group: readonly Limit[],
  movable: readonly number[],
  change: Float32Array,
  start: Float32Array,
  box: Box,
): boolean {
  const tried = change.slice();
  const binding = group.filter(({ elements }) => elements.some((i) => movable.includes(i)));
  const slabs = binding.map(({ elements, factors, low, high }) => {
    const rest = elements.reduce(
      (sum, i, k) => sum + factors[k]! * (start[i]! + (movable.includes(i) ? 0 : change[i]!)),
      0,
    );
    const own = movable.map((i) => factors[elements.indexOf(i)] ?? 0);
    return { factors: own, low: low - rest, high: high - rest };
  });
  const ends = (of: Float32Array): number[] => movable.map((i) => of[i]!);
  const found = dykstra(ends(change), slabs, { lower: ends(box.lower), upper: ends(box.upper) }, mostSweeps);
  movable.forEach((i, k) => {
    tried[i] = found[k]!;
  });
  if (binding.some((limit) => isBroken(limit, tried, start))) return false;
  change.set(tried);
  return true;
}

/** Enough for few constraints; a step that is not there yet goes on in the next. */
const mostSweeps = 200;
