/** gravity: where the densest of the points near a point lie. */
import type { FloatArray } from '../linalg/index.js';
import { neighbours } from './neighbours.js';
import { checkWhole, rowsAt, rowsOf } from './points.js';

export interface Gravity {
  /** [dimensions]: the neighbours' mean by their weights. */
  readonly centre: Float64Array;
  /** [k] rows of the set, the nearest first. */
  readonly indices: Int32Array;
  /** [k]; they sum to 1. */
  readonly weights: Float64Array;
}

/**
 * The density gravity of S-CFE (Sadiku, Wagner, Nagarajan and Pokutta, S-CFE: Simple Counterfactual Explanations, arXiv 2410.15723)
 * as its code has it: the k nearest to `x`, weighted by k over the sum of distances to their own k nearest, themselves included at 0.
 * Where that sum is 0 (points repeated k times, or k = 1) the density is infinite: such points share the weight equally.
 * @param points of the class that is wanted, made ready once for all factual points. @throws UserError for fewer points than k.
 */
export function gravity(points: FloatArray, dimensions: number, k: number): (x: FloatArray) => Gravity {
  checkWhole('gravity', 'the number of neighbours', k);
  rowsOf('gravity', points, dimensions, k);
  const set = neighbours(points, dimensions);
  return (x) => {
    const { indices } = set.nearest(x, k);
    const near = rowsAt(points, dimensions, indices);
    const sums = Float64Array.from(indices, (_, i) =>
      set.nearest(near.subarray(i * dimensions, (i + 1) * dimensions), k).distances.reduce((sum, far) => sum + far, 0),
    );
    const densities = sums.map(sums.includes(0) ? (sum) => (sum === 0 ? 1 : 0) : (sum) => k / sum);
    const total = densities.reduce((sum, density) => sum + density, 0);
    const weights = densities.map((density) => density / total);
    const centre = new Float64Array(dimensions);
    for (const [i, p] of near.entries()) centre[i % dimensions]! += weights[Math.floor(i / dimensions)]! * p;
    return { centre, indices, weights };
  };
}
