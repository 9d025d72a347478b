/** neighbours: the nearest of a set of points. */

import { UserError } from '../errors.js';
import type { FloatArray } from '../linalg/index.js';
import { kdTree, type Search } from './kd-tree.js';
import { type Metric, type MetricName, metrics } from './metrics.js';
import { nearestSoFar } from './nearest-so-far.js';
import { checkWhole, rowsOf } from './points.js';

export interface Nearest {
  /** [k] rows of the set: the nearest first, of equals (compared before the root is taken) the lower row. */
  readonly indices: Int32Array;
  /** [k] */
  readonly distances: Float64Array;
}

export interface Neighbours {
  readonly rows: number;
  readonly dimensions: number;
  /**
   * The k nearest to one point, exactly.
   * @param except a row that is not looked at: a point of the set is no neighbour of itself.
   * @throws UserError for more neighbours than there are points, or a query of another size or with numbers that are not finite.
   */
  nearest(query: FloatArray, k: number, options?: { readonly except?: number }): Nearest;
}

export interface NeighboursOptions {
  /** Default `euclidean`. */
  readonly metric?: MetricName;
  /** Default: what is faster for as many points and features. */
  readonly search?: 'tree' | 'each';
}

/** @throws UserError for an empty set or numbers that are not finite. */
export function neighbours(given: FloatArray, dimensions: number, options: NeighboursOptions = {}): Neighbours {
  const rows = rowsOf('neighbours', given, dimensions);
  const points = Float64Array.from(given);
  const metric = metrics[options.metric ?? 'euclidean'];
  const find = searches[options.search ?? fasterFor(rows, dimensions)](points, dimensions, metric);
  return {
    rows,
    dimensions,
    nearest(query, k, { except = -1 } = {}) {
      const there = rows - (except >= 0 && except < rows ? 1 : 0);
      checkWhole('neighbours', 'the number of neighbours', k);
      if (k > there) throw new UserError('neighbours', `expected at most ${there} neighbours, got ${k}; ask for fewer`);
      if (rowsOf('neighbours', query, dimensions) > 1) {
        throw new UserError('neighbours', `expected one point of ${dimensions} numbers, got ${query.length} numbers`);
      }
      const { keys, indices } = find(Float64Array.from(query), k, except);
      return { indices, distances: keys.map(metric.distance) };
    },
  };
}

const searches = { tree: kdTree, each: lookAtEach };

/**
 * As measured: with 12 to 30 normal features a tree takes up to twice the time of a look at each, with a table of 20 features, most of
 * them 0 or 1, a tenth or less. Pictures have too many features for a box to leave any out.
 */
const fasterFor = (rows: number, dimensions: number): keyof typeof searches =>
  rows >= 300 && dimensions <= 50 ? 'tree' : 'each';

function lookAtEach(points: Float64Array, dimensions: number, metric: Metric): Search {
  return (query, k, except) => {
    const found = nearestSoFar(k);
    for (let i = 0, at = 0; at < points.length; i++, at += dimensions) {
      if (i !== except) found.offer(metric.key(query, points, at, found.limit()), i);
    }
    return found;
  };
}
