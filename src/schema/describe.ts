/** Values of features in words, for people: '41 years', 'Married', '12,500 dollars'. */
import { type Feature, isNumber, type NumberFeature, type Schema } from './schema.js';

/** @param feature its index in the schema; @param value in units, as `toUnits` gives it. */
export const describe = (schema: Schema, feature: number, value: number): string =>
  describeValue(schema.features[feature]!, value);

export function describeValue(feature: Feature, value: number): string {
  const { unit } = feature;
  if (feature.type === 'categorical') return feature.categories[value] ?? `${value}`;
  const text = isNumber(feature) ? numberText(value, decimalsOf(feature)) : (feature.levels[value]?.name ?? `${value}`);
  if (!unit) return text;
  // signs such as % stand close
  return /^\p{L}/u.test(unit) ? `${text} ${unit}` : `${text}${unit}`;
}

/** By how much a number changes, with its sign: '+5 years'; undefined of levels and categories. */
export function describeChange(feature: Feature, from: number, to: number): string | undefined {
  if (!isNumber(feature)) return undefined;
  const size = describeValue(feature, Math.abs(to - from));
  return `${to < from ? '\u2212' : '+'}${size}`;
}

/** Thousands are set off from 10,000 on: below are years. */
function numberText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return `${value}`;
  const useGrouping = Math.abs(value) >= 10_000;
  const text = value.toLocaleString('en-US', { maximumFractionDigits: decimals, useGrouping });
  return text === '-0' ? '0' : text;
}

/** As many as the step needs, or a thousandth of the range. */
function decimalsOf({ range, step }: NumberFeature): number {
  const digits = Array.from({ length: most }, (_, i) => i);
  if (step) {
    const isWritten = (x: number, n: number) => Math.abs(x - Number(x.toFixed(n))) <= 1e-6 * step;
    return digits.find((n) => isWritten(step, n) && isWritten(range[0], n)) ?? most;
  }
  const width = range[1] - range[0] || Math.abs(range[0]) || 1;
  return Math.min(most, Math.max(0, 3 - Math.floor(Math.log10(width))));
}

const most = 12;
