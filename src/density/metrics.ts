/** Distances of points. Each is compared by a key, which is cheaper and grows with the distance. */
import type { FloatArray } from '../linalg/index.js';

export type MetricName = 'euclidean' | 'l1';

export interface Metric {
  /** What a difference in one feature adds to the key. */
  readonly term: (difference: number) => number;
  /** The key of `query` and the row of `points` that begins at `at`; some number above `limit` once it is known to be that. */
  readonly key: (query: Float64Array, points: FloatArray, at: number, limit: number) => number;
  readonly distance: (key: number) => number;
}

export const metrics: Readonly<Record<MetricName, Metric>> = {
  euclidean: {
    term: (difference) => difference * difference,
    key(query, points, at, limit) {
      let sum = 0;
      for (let i = 0; i < query.length && sum <= limit; i++) {
        const difference = (query[i] as number) - (points[at + i] as number);
        sum += difference * difference;
      }
      return sum;
    },
    distance: Math.sqrt,
  },
  l1: {
    term: Math.abs,
    key(query, points, at, limit) {
      let sum = 0;
      for (let i = 0; i < query.length && sum <= limit; i++) {
        sum += Math.abs((query[i] as number) - (points[at + i] as number));
      }
      return sum;
    },
    distance: (key) => key,
  },
};
