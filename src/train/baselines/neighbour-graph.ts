/** The graph that labels flow along: points and their nearest. */
import { type Neighbours, neighbours } from '../../density/index.js';
import { heed } from '../../heed.js';

export type EdgeWeights = 'equal' | 'rbf';

export interface NeighbourGraph {
  readonly count: number;
  /** Numbers of a point. */
  readonly size: number;
  /** [count + 1]: where the edges of each point begin. */
  readonly starts: Int32Array;
  /** The point at the other end of each edge: an edge stands once at either end. */
  readonly ends: Int32Array;
  readonly weights: Float64Array;
  /** The sum of each point's weights. */
  readonly degrees: Float64Array;
  /** How any point hangs together with the points of the graph. */
  edgesOf(point: Float64Array): Edges;
}

export interface Edges {
  readonly ends: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Two points are joined where either is among the `k` nearest of the other. With `rbf` an edge of length d weighs exp(-d² / 2 w²), w² being the
 * median of the squares.
 * @param points [count, size]
 */
export async function neighbourGraph(
  points: Float64Array,
  size: number,
  k: number,
  weights: EdgeWeights,
  signal?: AbortSignal,
): Promise<NeighbourGraph> {
  const count = points.length / size;
  const search = neighbours(points, size);
  const lengths = await edgeLengths(search, points, size, Math.min(k, count - 1), signal);
  const squares = Float64Array.from(lengths.flatMap((edges) => [...edges.values()])).sort();
  const width = squares[squares.length >> 1] ?? 0;
  const weightOf = (square: number): number => (weights === 'rbf' && width > 0 ? Math.exp(-square / (2 * width)) : 1);

  const starts = new Int32Array(count + 1);
  for (const [i, edges] of lengths.entries()) starts[i + 1] = starts[i]! + edges.size;
  const ends = Int32Array.from(lengths.flatMap((edges) => [...edges.keys()]));
  const all = Float64Array.from(lengths.flatMap((edges) => Array.from(edges.values(), weightOf)));
  const degrees = new Float64Array(count);
  for (let i = 0; i < count; i++) for (let e = starts[i]!; e < starts[i + 1]!; e++) degrees[i]! += all[e]!;
  return {
    count,
    size,
    starts,
    ends,
    weights: all,
    degrees,
    edgesOf(point) {
      const { indices, distances } = search.nearest(point, Math.min(k, count));
      // far from all points, where every weight would round to 0, the nearest still count by their order
      const nearest = distances[0]! ** 2;
      return { ends: indices, weights: distances.map((distance) => weightOf(distance ** 2 - nearest)) };
    },
  };
}

/** Of each point, the squared distance to each it is joined with. */
async function edgeLengths(
  search: Neighbours,
  points: Float64Array,
  size: number,
  k: number,
  signal: AbortSignal | undefined,
): Promise<Map<number, number>[]> {
  const lengths = Array.from({ length: search.rows }, () => new Map<number, number>());
  if (k === 0) return lengths;
  for (let i = 0; i < search.rows; i++) {
    if (i % 64 === 0) await heed(signal);
    const { indices, distances } = search.nearest(points.subarray(i * size, (i + 1) * size), k, { except: i });
    for (const [at, j] of indices.entries()) {
      const square = distances[at]! ** 2;
      lengths[i]!.set(j, square);
      lengths[j]!.set(i, square);
    }
  }
  return lengths;
}
