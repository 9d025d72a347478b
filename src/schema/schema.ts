/** What a row of features means and how it may change: plain data, its names already resolved to columns. */
import type { Scale } from '../data/preprocess/standardise.js';

export type Direction = 'increase' | 'decrease';

interface Described {
  readonly name: string;
  /** Indices of the columns that hold it: one, or as many as there are categories. */
  readonly columns: readonly number[];
  readonly isImmutable: boolean;
  /** Above 0: the weight of a change in distance and sparsity. */
  readonly cost: number;
  readonly unit?: string | undefined;
  /** The only way in which it may change; up is towards higher numbers in the column. */
  readonly direction?: Direction | undefined;
}

/** A number; "units" are those of `range`, and the column holds (units - offset) / divisor. */
export interface NumberFeature extends Described {
  readonly type: 'continuous' | 'integer';
  readonly scale: Scale;
  /** In units; equal where nothing but one value was seen. */
  readonly range: readonly [low: number, high: number];
  /** In units: values are range[0] plus whole multiples of it. Integers always have one. */
  readonly step?: number | undefined;
}

/** One of several named levels; its value in units is the index of the level. */
export interface LevelFeature extends Described {
  readonly type: 'ordinal' | 'binary';
  /** At least two, their numbers in rising order. */
  readonly levels: readonly { readonly name: string; readonly value: number }[];
}

/** One-hot columns; its value in units is the index of the category. */
export interface CategoryFeature extends Described {
  readonly type: 'categorical';
  /** At least two, in the order of `columns`. */
  readonly categories: readonly string[];
}

export type Feature = NumberFeature | LevelFeature | CategoryFeature;

/** low <= the sum of factor times feature <= high, in units. One of the two may be infinite; equal ones are an equation. */
export interface Constraint {
  /** As the user wrote it. */
  readonly text: string;
  /** Every feature at most once, all numbers, none with factor 0. */
  readonly terms: readonly { readonly feature: number; readonly factor: number }[];
  readonly low: number;
  readonly high: number;
}

export interface Schema {
  readonly columns: readonly string[];
  /** Every column belongs to exactly one; in the order of their first columns. */
  readonly features: readonly Feature[];
  readonly constraints: readonly Constraint[];
}

export const isNumber = (feature: Feature): feature is NumberFeature =>
  feature.type === 'continuous' || feature.type === 'integer';
