/** Features of which a row differs from another, and what columns and features count in distances. */
import { type Feature, isNumber, type Schema } from './schema.js';

/**
 * Indices of the features with a column that differs.
 * @param tolerance relative to the width of what the column may hold; 0: to the bit.
 */
export const changedFeatures = (
  schema: Schema,
  original: Float32Array,
  changed: Float32Array,
  tolerance = 1e-6,
): number[] =>
  schema.features.flatMap((feature, f) => {
    const slack = tolerance * columnWidth(feature);
    const isChanged = feature.columns.some((column) => !isNear(original[column]!, changed[column]!, slack));
    return isChanged ? [f] : [];
  });

/** The feature of each column: columns of one feature change together. */
export function groups({ columns, features }: Schema): Int32Array {
  const labels = new Int32Array(columns.length);
  features.forEach((feature, f) => {
    for (const column of feature.columns) labels[column] = f;
  });
  return labels;
}

/** What a change of each feature weighs. */
export const costs = ({ features }: Schema): Float32Array => Float32Array.from(features, ({ cost }) => cost);

/** The width of what a feature's column may hold; 1 where that is one value. */
export function columnWidth(feature: Feature): number {
  if (isNumber(feature)) return (feature.range[1] - feature.range[0]) / feature.scale.divisor || 1;
  return feature.type === 'categorical' ? 1 : feature.levels.at(-1)!.value - feature.levels[0]!.value;
}

// not a number is like nothing but itself
const isNear = (a: number, b: number, slack: number): boolean => Object.is(a, b) || Math.abs(a - b) <= slack;
