/** mad: the median of each feature, and how far its values usually are from it. */
import type { FloatArray } from '../linalg/index.js';
import { checkPositive, rowsOf } from './points.js';

export interface Mad {
  /** [dimensions]; the mean of the middle two where their number is even. */
  readonly medians: Float64Array;
  /** [dimensions]: medians of the absolute differences from the median. */
  readonly deviations: Float64Array;
}

/**
 * Median absolute deviations, by which distances of features are made comparable (Mothilal, Sharma and Tan, Explaining machine learning
 * classifiers through diverse counterfactual explanations, arXiv 1905.07697).
 * @param zero stands for a deviation of 0, as of a feature with one value in most rows; default 1, as in the code of DiCE and CARLA.
 */
export function mad(points: FloatArray, dimensions: number, { zero = 1 }: { readonly zero?: number } = {}): Mad {
  const rows = rowsOf('mad', points, dimensions);
  checkPositive('mad', 'what stands for a deviation of 0', zero);
  const medians = new Float64Array(dimensions);
  const deviations = new Float64Array(dimensions);
  for (let k = 0; k < dimensions; k++) {
    const column = Float64Array.from({ length: rows }, (_, i) => points[i * dimensions + k] as number);
    const middle = median(column);
    medians[k] = middle;
    deviations[k] = median(column.map((x) => Math.abs(x - middle))) || zero;
  }
  return { medians, deviations };
}

/** Sorts `values`. */
function median(values: Float64Array): number {
  values.sort();
  const half = Math.floor(values.length / 2);
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
