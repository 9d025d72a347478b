/** exampleGraph: examples joined to those near them; ways through where examples are rare may count for more than they are long. */
import { neighbours } from '../../density/index.js';
import { rowAt } from '../../oracle/packed.js';
import type { Reference } from '../ground/reference.js';
import type { Edge } from './shortest-paths.js';

export interface Joining {
  readonly graph: 'knn' | 'epsilon';
  /** That an example is joined to (knn). */
  readonly neighbours: number;
  /** Distance within which examples are joined (epsilon). */
  readonly epsilon: number;
  /** What the distance is multiplied by. */
  readonly weights: 'distance' | 'kde' | 'spacing';
  /** Examples, drawn at random. */
  readonly most: number;
}

export interface ExampleGraph {
  /** Packed examples. */
  readonly points: Float32Array;
  readonly edges: readonly (readonly Edge[])[];
  /** From a point that need not be an example. */
  entries(point: Float32Array): Edge[];
}

const known = new WeakMap<Reference, Map<string, Promise<ExampleGraph>>>();

/** Kept with the examples it is of: every batch asks for it again. */
export function exampleGraph(reference: Reference, joining: Joining): Promise<ExampleGraph> {
  const own = known.get(reference) ?? new Map<string, Promise<ExampleGraph>>();
  known.set(reference, own);
  const name = JSON.stringify(joining);
  const made = own.get(name) ?? build(reference, joining);
  own.set(name, made);
  return made;
}

async function build(
  reference: Reference,
  { graph, neighbours: k, epsilon, weights, most }: Joining,
): Promise<ExampleGraph> {
  const { size } = reference;
  const points = reference.drawn(most);
  const set = neighbours(points, size);
  const joined = (point: Float32Array): Edge[] => {
    const { indices, distances } = set.nearest(point, graph === 'knn' ? Math.min(k, set.rows) : set.rows);
    return [...indices].flatMap((to, i) =>
      graph === 'knn' || distances[i]! <= epsilon ? [{ to, length: distances[i]! }] : [],
    );
  };
  const plain = Array.from({ length: set.rows }, (_, j) => joined(rowAt(points, size, j)));
  if (weights === 'distance') return { points, edges: plain, entries: joined };
  const rarity = weights === 'kde' ? await rarityAtMiddles(reference, points) : rarityBySpacing;
  const rarities = plain.map((edges, j) => rarity(rowAt(points, size, j), edges));
  const usual = median(rarities.flatMap((each, j) => [...each].filter((_, i) => plain[j]![i]!.length > 0)));
  const weighed = (edges: readonly Edge[], own: Float64Array): Edge[] =>
    edges.map(({ to, length }, i) => ({ to, length: length === 0 ? 0 : length * softplus(own[i]! - usual) }));
  return {
    points,
    edges: plain.map((edges, j) => weighed(edges, rarities[j]!)),
    entries(point) {
      const edges = joined(point);
      return weighed(edges, rarity(point, edges));
    },
  };
}

/** -log of a density on the way along each edge, up to a constant. */
type Rarity = (from: Float32Array, edges: readonly Edge[]) => Float64Array;

/** The kernel density of all examples, half way. */
async function rarityAtMiddles({ kde, frame, size }: Reference, points: Float32Array): Promise<Rarity> {
  const density = await kde();
  return (from, edges) => {
    const middles = new Float32Array(edges.length * size);
    edges.forEach(({ to }, e) => {
      for (let i = 0; i < size; i++) middles[e * size + i] = (from[i]! + points[to * size + i]!) / 2;
    });
    return density.logDensity(frame.of(middles)).map((log) => -log);
  };
}

/** A density over the distance: k / (N eta_d) of nearest neighbours, epsilon^d within a radius; both are constants. */
const rarityBySpacing: Rarity = (_, edges) => Float64Array.from(edges, ({ length }) => Math.log(length));

/** log(1 + e^x): above 0 for every x, and x where that is large. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length > 0 ? sorted[sorted.length >> 1]! : 0;
}
