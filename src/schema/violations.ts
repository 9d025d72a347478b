/** What a changed row breaks of its schema. */
import { changedFeatures, columnWidth } from './changed.js';
import { describeValue } from './describe.js';
import { sizeOf, violationOf } from './linear.js';
import {
  type CategoryFeature,
  type Feature,
  isNumber,
  type LevelFeature,
  type NumberFeature,
  type Schema,
} from './schema.js';
import { columnOf, toUnits, unitsOf } from './units.js';

export interface Violation {
  readonly kind: 'range' | 'immutable' | 'direction' | 'step' | 'category' | 'constraint';
  /** The name of the feature, or the text of the constraint. */
  readonly of: string;
  /** One sentence for people. */
  readonly text: string;
}

/**
 * None for what has not changed, also where it was never allowed. Constraints count where one of their features has changed.
 * @param tolerance relative to the width of a feature's range, or to the size of a constraint's numbers.
 */
export function violations(
  schema: Schema,
  original: Float32Array,
  changed: Float32Array,
  tolerance = 1e-6,
): Violation[] {
  const moved = changedFeatures(schema, original, changed, tolerance);
  const values = toUnits(schema, changed);
  const broken = schema.constraints.filter(
    (constraint) =>
      constraint.terms.some(({ feature }) => moved.includes(feature)) &&
      violationOf(constraint, values) > tolerance * sizeOf(schema, constraint, values),
  );
  return [
    ...moved.flatMap((f) => ofFeature(schema.features[f]!, original, changed, tolerance)),
    ...broken.map(({ text }): Violation => ({ kind: 'constraint', of: text, text: `'${text}' does not hold` })),
  ];
}

function ofFeature(feature: Feature, original: Float32Array, changed: Float32Array, tolerance: number): Violation[] {
  const told = (kind: Violation['kind'], text: string): Violation => ({
    kind,
    of: feature.name,
    text: `${feature.name} ${text}`,
  });
  if (!feature.columns.every((column) => Number.isFinite(changed[column]))) return [told('range', 'is no number')];
  // words are made only where there is something to say: of thousands of rows they take longer than all else
  const way = (): string => {
    const [from, to] = [original, changed].map((row) => describeValue(feature, unitsOf(feature, row)));
    return `goes from ${from} to ${to}`;
  };
  if (feature.isImmutable) return [told('immutable', `${way()}, but must not change`)];
  const own = isNumber(feature)
    ? ofNumber(feature, original, changed, tolerance)
    : feature.type === 'categorical'
      ? ofCategory(feature, changed, tolerance)
      : ofLevel(feature, changed, tolerance);
  const rise = changed[feature.columns[0]!]! - original[feature.columns[0]!]!;
  const isAgainst = feature.direction === 'increase' ? rise < 0 : feature.direction === 'decrease' && rise > 0;
  const against = isAgainst ? [told('direction', `${way()}, but may only ${feature.direction}`)] : [];
  return [...own.map(([kind, text]) => told(kind, text)), ...against];
}

type Told = readonly [Violation['kind'], string];

function ofNumber(feature: NumberFeature, original: Float32Array, changed: Float32Array, tolerance: number): Told[] {
  const column = feature.columns[0]!;
  const value = changed[column]!;
  const slack = tolerance * columnWidth(feature);
  const [low, high] = feature.range.map((end) => columnOf(feature, end)) as [number, number];
  const isOutside =
    value < Math.min(low, original[column]!) - slack || value > Math.max(high, original[column]!) + slack;
  const range = (): string => feature.range.map((end) => describeValue(feature, end)).join(' to ');
  const told: Told[] = isOutside
    ? [['range', `is ${describeValue(feature, unitsOf(feature, changed))}, outside of ${range()}`]]
    : [];
  return feature.step === undefined || isOnStep({ ...feature, step: feature.step }, value, slack)
    ? told
    : [...told, ['step', `is ${unitsOf(feature, changed)}, which is not on its steps of ${feature.step}`]];
}

function isOnStep(feature: NumberFeature & { readonly step: number }, value: number, slack: number): boolean {
  const units = value * feature.scale.divisor + feature.scale.offset;
  const multiple = Math.round((units - feature.range[0]) / feature.step);
  return Math.abs(columnOf(feature, feature.range[0] + multiple * feature.step) - value) <= slack;
}

function ofLevel({ levels, columns }: LevelFeature, changed: Float32Array, tolerance: number): Told[] {
  const value = changed[columns[0]!]!;
  const slack = tolerance * (levels.at(-1)!.value - levels[0]!.value);
  if (levels.some((level) => Math.abs(level.value - value) <= slack)) return [];
  return [['category', `is ${value}, which is none of its levels`]];
}

function ofCategory({ columns }: CategoryFeature, changed: Float32Array, tolerance: number): Told[] {
  const isOneHot =
    columns.every((column) => Math.min(Math.abs(changed[column]!), Math.abs(changed[column]! - 1)) <= tolerance) &&
    columns.filter((column) => changed[column]! > 0.5).length === 1;
  return isOneHot ? [] : [['category', `is ${columns.map((column) => changed[column]).join(', ')}, not one category`]];
}
