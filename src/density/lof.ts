/** fitLof: local outlier factors of new points. */
import { heed } from '../heed.js';
import type { FloatArray } from '../linalg/index.js';
import { type Nearest, neighbours } from './neighbours.js';
import { checkWhole, rowsOf } from './points.js';

export interface Lof {
  readonly dimensions: number;
  /** The factor of each row, [rows]: about 1 for a point as dense as its neighbours, larger for outliers. */
  score(points: FloatArray): Float64Array;
}

/**
 * Breunig, Kriegel, Ng and Sander, LOF: identifying density-based local outliers (2000), for points that were not in the set: a query
 * that is a point of it counts that point as a neighbour. The k nearest are k, ties or not. Comparable with `-score_samples` of
 * scikit-learn's `LocalOutlierFactor(n_neighbors=k, novelty=True)`.
 * @param neighbourCount k, of each point of the set without itself.
 * @throws UserError when the set has not more points than k.
 */
export async function fitLof(points: FloatArray, dimensions: number, neighbourCount: number): Promise<Lof> {
  checkWhole('lof', 'the number of neighbours', neighbourCount);
  const rows = rowsOf('lof', points, dimensions, neighbourCount + 1);
  const set = neighbours(points, dimensions);
  const known: Nearest[] = [];
  for (let i = 0; i < rows; i++) {
    known.push(set.nearest(points.subarray(i * dimensions, (i + 1) * dimensions), neighbourCount, { except: i }));
    if (i % 100 === 0) await heed();
  }
  const reach = Float64Array.from(known, ({ distances }) => distances.at(-1) as number);
  const densities = Float64Array.from(known, (nearest) => reachabilityDensity(nearest, reach));
  return {
    dimensions,
    score: (queries) =>
      Float64Array.from({ length: rowsOf('lof', queries, dimensions, 0) }, (_, q) => {
        const nearest = set.nearest(queries.subarray(q * dimensions, (q + 1) * dimensions), neighbourCount);
        const around = nearest.indices.reduce((sum, i) => sum + (densities[i] as number), 0) / neighbourCount;
        return around / reachabilityDensity(nearest, reach);
      }),
  };
}

/** One over the mean of max(distance, the neighbour's own reach). */
function reachabilityDensity({ indices, distances }: Nearest, reach: Float64Array): number {
  const sum = indices.reduce((total, neighbour, i) => total + Math.max(distances[i]!, reach[neighbour]!), 0);
  // as scikit-learn does for points that are repeated more often than k, whose density would be infinite
  return 1 / (sum / indices.length + 1e-10);
}
