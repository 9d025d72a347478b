/** face: the nearest example that reaches the goal by a path through other examples. */
import { neighbours } from '../density/index.js';
import { inParts, pick, rowAt } from '../oracle/packed.js';
import type { Case } from './case.js';
import { explainer } from './explainer.js';
import { shortestPaths } from './shortest-paths.js';

/**
 * Poyiadzi, Sokol, Santos-Rodriguez, De Bie, Flach, FACE: feasible and actionable counterfactual explanations (arXiv 1909.09369). Examples
 * of the reference are joined to their nearest (`knn`) or to all within a distance (`epsilon`), at the length of the way between them;
 * of those that reach the goal and may be become, the one with the shortest path from the instance is proposed.
 */
export const face = explainer({
  name: 'face',
  paper: 'Poyiadzi et al., FACE: feasible and actionable counterfactual explanations (arXiv 1909.09369)',
  asks: 'scores',
  needs: () => ['reference'],
  options: {
    graph: { default: 'knn', about: 'what joins examples', choices: ['knn', 'epsilon'] },
    neighbours: { default: 50, about: 'that an example is joined to (knn)', from: 1, whole: true },
    epsilon: { default: 0.25, about: 'distance within which examples are joined', from: 1e-9 },
    most: { default: 2000, about: 'examples of the graph, drawn at random', from: 2, whole: true },
  },
  async run(asked, { graph, neighbours: k, epsilon, most }) {
    const { size } = asked;
    const points = asked.reference!.drawn(most);
    const set = neighbours(points, size);
    const joined = (point: Float32Array): { readonly to: number; readonly length: number }[] => {
      const { indices, distances } = set.nearest(point, graph === 'knn' ? Math.min(k, set.rows) : set.rows);
      return [...indices].flatMap((to, i) =>
        graph === 'knn' || distances[i]! <= epsilon ? [{ to, length: distances[i]! }] : [],
      );
    };
    const edges = Array.from({ length: set.rows }, (_, j) => joined(rowAt(points, size, j)));
    for (const row of asked.all) {
      const lengths = shortestPaths(edges, joined(rowAt(asked.x, size, row)));
      const order = [...lengths.keys()]
        .filter((j) => Number.isFinite(lengths[j]!))
        .sort((a, b) => lengths[a]! - lengths[b]!);
      await nearestThatIs(asked, row, points, order);
      asked.progress = (row + 1) / asked.count;
    }
  },
});

/** Examples asked about at once. */
const atOnce = 64;

/** Proposes examples in order until one of them, as it is, is allowed and reaches the goal. */
async function nearestThatIs(asked: Case, row: number, all: Float32Array, order: readonly number[]): Promise<void> {
  const { size } = asked;
  for (const part of inParts(order, atOnce)) {
    const points = pick(all, size, part);
    const rows = part.map(() => row);
    const allowed = asked.snapped(points, rows);
    const isItself = (j: number): boolean => {
      for (let i = j * size; i < (j + 1) * size; i++) if (Math.abs(allowed[i]! - points[i]!) > 1e-5) return false;
      return true;
    };
    const own = [...part.keys()].filter(isItself);
    if (own.length === 0) continue;
    const becoming = pick(allowed, size, own);
    const { margins } = await asked.scores(
      becoming,
      own.map(() => row),
      'spare',
    );
    const first = own.find((_, i) => margins[i]! < 0);
    if (first === undefined) continue;
    await asked.propose(allowed.subarray(first * size, (first + 1) * size), [row]);
    if (asked.found(row)) return;
  }
}
