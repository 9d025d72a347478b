/** face: the nearest example that reaches the goal by a path through other examples. */
import { inParts, pick, rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';
import { explainer } from '../explainer.js';
import { exampleGraph } from '../graph/example-graph.js';
import { shortestPaths } from '../graph/shortest-paths.js';

/**
 * Poyiadzi, Sokol, Santos-Rodriguez, De Bie, Flach, FACE: feasible and actionable counterfactual explanations (arXiv 1909.09369). Examples
 * of the reference are joined to their nearest (`knn`) or to all within a distance (`epsilon`); of those that reach the goal and may be
 * become, the one with the shortest path from the instance is proposed. The length of an edge is its distance, as CARLA has it, or that
 * times f(density): of a kernel density half way (`kde`), or of what the graph itself says, r / distance of nearest neighbours and
 * epsilon^d / distance within a radius (`spacing`: the same but for a constant).
 *
 * Ours: f(z) = log(1 + z_usual / z), with the median over all edges, in place of -log z: that is negative where densities are above 1, as
 * they are in many dimensions, and paths have no shortest one then. Where examples are rare the two differ by a constant.
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
    weights: {
      default: 'distance',
      about: 'what a way counts: its length, or more where examples are rare',
      choices: ['distance', 'kde', 'spacing'],
    },
    most: { default: 2000, about: 'examples of the graph, drawn at random', from: 2, whole: true },
  },
  async run(asked, options) {
    const { points, edges, entries } = await exampleGraph(asked.reference!, options);
    for (const row of asked.all) {
      const lengths = shortestPaths(edges, entries(rowAt(asked.x, asked.size, row)));
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
