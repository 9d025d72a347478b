/** Graphs of examples: a short way through a gap against a longer one through a crowd. */
import { describe, expect, test } from 'vitest';
import { exampleGraph, type Joining } from '../../src/counterfactual/graph/example-graph.js';
import { shortestPaths } from '../../src/counterfactual/graph/shortest-paths.js';
import { referenceOf } from '../../src/counterfactual/ground/reference.js';

/** Two ways from (0, 0): to (1, 0) through nothing, and up to (0.7, 0.75) past an example every twentieth. */
const crowd = Array.from({ length: 21 }, (_, i) => [(0.7 * i) / 20, (0.75 * i) / 20]);
const rows = [...crowd, [1, 0]];
const [dense, lonely] = [20, 21];
const reference = referenceOf(Float32Array.from(rows.flat()), new Int32Array(rows.length), 2, {
  seed: 0,
  standardise: true,
});
const usual: Joining = { graph: 'epsilon', neighbours: 3, epsilon: 2, weights: 'distance', most: 100 };

async function lengthsOf(joining: Partial<Joining>): Promise<Float64Array> {
  const { edges, entries } = await exampleGraph(reference, { ...usual, ...joining });
  return shortestPaths(edges, entries(Float32Array.of(0, 0)));
}

test('by distance alone the way through the gap is the shorter one', async () => {
  const lengths = await lengthsOf({});
  expect(lengths[lonely]).toBeCloseTo(1, 5);
  expect(lengths[dense]).toBeCloseTo(Math.hypot(0.7, 0.75), 5);
});

describe.each(['kde', 'spacing'] as const)('weighed by %s', (weights) => {
  test.each(['epsilon', 'knn'] as const)('the way through the crowd is, on a graph of %s', async (graph) => {
    const lengths = await lengthsOf({ weights, graph, neighbours: rows.length });
    expect(lengths[dense]).toBeLessThan(lengths[lonely]! / 1.2);
    expect([...lengths].every((length) => length >= 0)).toBe(true);
  });

  test('every way counts for something, and half of them for less than log 2 times their length', async () => {
    const [plain, weighed] = [
      await exampleGraph(reference, usual),
      await exampleGraph(reference, { ...usual, weights }),
    ];
    const factors = plain.edges.flatMap((edges, j) =>
      edges.flatMap(({ length }, i) => (length > 0 ? [weighed.edges[j]![i]!.length / length] : [])),
    );
    expect(Math.min(...factors)).toBeGreaterThan(0);
    // of half of all edges the factor is below log 2, of the other half not
    const above = factors.filter((factor) => factor > Math.LN2 + 1e-9).length / factors.length;
    expect(above).toBeGreaterThan(0.4);
    expect(above).toBeLessThanOrEqual(0.5);
  });
});

test('a graph is made once for its examples', () => {
  expect(exampleGraph(reference, usual)).toBe(exampleGraph(reference, { ...usual }));
  expect(exampleGraph(reference, usual)).not.toBe(exampleGraph(reference, { ...usual, epsilon: 1 }));
});
