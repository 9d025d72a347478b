/** A 3 x 4 layer worked out by hand and by the published implementations: scores, masks, updated weights and errors. */
import { describe, expect, test } from 'vitest';
import { type PrunerName, pruneLayer, pruners, scoreLayer } from '../../src/prune/index.js';
import { outputError, statisticsOf } from './layers.js';
import { plainLinalg, solve } from './plain-linalg.js';

const W = Float32Array.of(0.5, -1.0, 0.25, 2.0, -0.1, 0.3, -0.7, 0.05, 1.5, 0.2, -0.4, 0.6);
const X = [1, 0, 2, 0.1, 0.5, 1, -1, 0.2, -1, 2, 0.5, 0, 0, -1, 1, 0.3];
const weight = { stacks: 1, rows: 3, columns: 4, data: W };
const statistics = statisticsOf(X, 4, 4);
const request = { layer: 'w', weight, statistics, linalg: plainLinalg };
const half = { kind: 'unstructured', sparsity: 0.5 } as const;

test('column sums of squares', () => {
  expect([...statistics.columnNorm]).toEqual([2.25, 6, 6.25, 0.14].map((value) => expect.closeTo(value, 12)));
});

const scores: [PrunerName, number[]][] = [
  ['wanda', [0.75, 2.44949, 0.625, 0.748331, 0.15, 0.734847, 1.75, 0.018708, 2.25, 0.489898, 1.0, 0.224499]],
  [
    'ria',
    [
      0.454905, 1.460746, 0.398213, 0.787889, 0.164821, 0.7213, 1.782282, 0.038137, 1.555232, 0.32461, 0.702728,
      0.274427,
    ],
  ],
];

test.each(scores)('%s scores', async (name, expected) => {
  const found = await scoreLayer(pruners[name], request);
  expect([...found]).toEqual(expected.map((value) => expect.closeTo(value, 5)));
});

const masks: [PrunerName, 'exact' | 'reference', number[]][] = [
  ['wanda', 'exact', [1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0]],
  ['wanda', 'reference', [1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0]],
  ['ria', 'exact', [0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0]],
  ['ria', 'reference', [0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0]],
  ['sparsegpt', 'exact', [0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0]],
  ['sparsegpt', 'reference', [0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0]],
  ['magnitude', 'exact', [1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1]],
  ['magnitude', 'reference', [0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1]],
];

test.each(masks)('%s removes half, %s', async (name, selection, expected) => {
  const { mask, removed } = await pruneLayer(pruners[name], { ...request, pattern: half, selection });
  expect([...mask]).toEqual(expected);
  expect(removed).toBe(expected.filter((kept) => kept === 0).length);
});

describe.each([
  ['exact', [0, -1.110215, 0, 2.92853, 0, 0.322043, -0.708261, 0, 1.5, 0, -0.428739, 0], 1.490375, 1.158936, 1.123351],
  ['reference', [0, -1.110215, 0, 2.92853, 0, 0, -0.754538, 0, 1.5, 0, -0.428739, 0], 2.117375, 1.766623, 1.730747],
] as const)('sparsegpt, %s', (selection, expected, maskOnly, updated, leastSquares) => {
  const pruned = pruneLayer(pruners.sparsegpt, { ...request, pattern: half, selection });

  test('weights', async () => {
    expect([...(await pruned).weight]).toEqual(expected.map((value) => expect.closeTo(value, 5)));
  });

  test('error lies between those of the mask alone and of least squares', async () => {
    const { weight: V, mask } = await pruned;
    const masked = W.map((value, i) => value * (mask[i] as number));
    expect(outputError(weight, masked, statistics.gram)).toBeCloseTo(maskOnly, 5);
    expect(outputError(weight, V, statistics.gram)).toBeCloseTo(updated, 5);
    expect(outputError(weight, bestWeights(mask), statistics.gram)).toBeCloseTo(leastSquares, 5);
  });
});

/** Each row's least squares over the weights that are kept. */
function bestWeights(mask: Uint8Array): Float64Array {
  const best = new Float64Array(12);
  const gram = (i: number, j: number) => statistics.gram[i * 4 + j] as number;
  for (let r = 0; r < 3; r++) {
    const kept = [0, 1, 2, 3].filter((j) => mask[r * 4 + j]);
    const A = Float64Array.from(kept.flatMap((i) => kept.map((j) => gram(i, j))));
    const b = Float64Array.from(kept, (i) => [0, 1, 2, 3].reduce((sum, j) => sum + gram(i, j) * W[r * 4 + j]!, 0));
    solve(A, kept.length, b).forEach((value, k) => {
      best[r * 4 + kept[k]!] = value;
    });
  }
  return best;
}
