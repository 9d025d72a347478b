/** The mean and variance of each feature. */
import type { FloatArray } from '../linalg/index.js';

export interface Spread {
  /** [dimensions] */
  readonly mean: Float64Array;
  /** [dimensions], the mean of squares from the mean (over n and not n - 1); exactly 0 for a constant feature. */
  readonly variance: Float64Array;
}

export function spreadOf(points: FloatArray, dimensions: number): Spread {
  const rows = points.length / dimensions;
  const mean = new Float64Array(dimensions);
  const variance = new Float64Array(dimensions);
  for (let i = 0; i < points.length; i++) mean[i % dimensions]! += (points[i] as number) / rows;
  // a mean that is off in its last digit would give a constant feature a variance
  for (let k = 0; k < dimensions; k++) if (isConstant(points, dimensions, k)) mean[k] = points[k] as number;
  for (let i = 0; i < points.length; i++) {
    variance[i % dimensions]! += ((points[i] as number) - (mean[i % dimensions] as number)) ** 2 / rows;
  }
  return { mean, variance };
}

function isConstant(points: FloatArray, dimensions: number, k: number): boolean {
  for (let i = k; i < points.length; i += dimensions) if (points[i] !== points[k]) return false;
  return true;
}

export const averageOf = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
