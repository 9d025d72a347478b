/** Between the columns of a row and the values of its features in units: numbers, indices of levels, indices of categories. */
import type { Scale } from '../data/preprocess/standardise.js';
import { type Feature, isNumber, type LevelFeature, type NumberFeature, type Schema } from './schema.js';

/** The value of each feature. What is as good as on the step of a feature is on it: tables hold few digits. */
export const toUnits = (schema: Schema, row: Float32Array): number[] =>
  schema.features.map((feature) => unitsOf(feature, row));

/**
 * The row of these values, one a feature.
 * @param original features whose values are still those of this row keep its columns to the bit.
 */
export function fromUnits(schema: Schema, values: readonly number[], original?: Float32Array): Float32Array {
  const row = new Float32Array(schema.columns.length);
  schema.features.forEach((feature, f) => {
    if (original && unitsOf(feature, original) === values[f]) copyFeature(feature, original, row);
    else setUnits(feature, values[f]!, row);
  });
  return row;
}

export function unitsOf(feature: Feature, row: Float32Array): number {
  const column = row[feature.columns[0]!]!;
  if (isNumber(feature)) return numberOf(feature, column);
  return feature.type === 'categorical' ? largest(feature.columns, row) : nearestLevel(feature, column);
}

/** Writes the columns of one feature. */
export function setUnits(feature: Feature, value: number, row: Float32Array): void {
  const { columns } = feature;
  if (isNumber(feature)) row[columns[0]!] = columnOf(feature, value);
  else if (feature.type !== 'categorical') row[columns[0]!] = feature.levels[value]!.value;
  else for (const [i, column] of columns.entries()) row[column] = i === value ? 1 : 0;
}

export function copyFeature({ columns }: Feature, from: Float32Array, to: Float32Array): void {
  for (const column of columns) to[column] = from[column]!;
}

export const numberOf = ({ scale, step, range }: NumberFeature, column: number): number =>
  onGrid(column, scale, step && { from: range[0], step });

export const columnOf = ({ scale }: NumberFeature, units: number): number =>
  Math.fround((units - scale.offset) / scale.divisor);

/** A column's number in units; where it is as good as a point of the grid, that point. */
export function onGrid(
  column: number,
  { offset, divisor }: Scale,
  grid: { readonly from: number; readonly step: number } | undefined | 0,
): number {
  const units = column * divisor + offset;
  if (!grid) return units;
  const point = grid.from + Math.round((units - grid.from) / grid.step) * grid.step;
  const slack = Math.min(grid.step / 4, Math.max(grid.step / 1000, sixthDigit(column) * divisor));
  return Math.abs(units - point) <= slack ? point : units;
}

/** Half of the sixth significant digit, and a fifth of that: what tables written with six are off by, and float32 with them. */
const sixthDigit = (x: number): number => (x === 0 ? 0 : 0.6 * 10 ** (Math.floor(Math.log10(Math.abs(x))) - 5));

function nearestLevel({ levels }: LevelFeature, column: number): number {
  const distance = (i: number) => Math.abs(levels[i]!.value - column);
  return levels.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
}

const largest = (columns: readonly number[], row: Float32Array): number =>
  columns.reduce((best, column, i) => (row[column]! > row[columns[best]!]! ? i : best), 0);
