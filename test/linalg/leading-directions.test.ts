import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLinalg, type Linalg } from '../../src/linalg/index.js';
import { svd } from '../../src/linalg/jacobi-svd.js';
import { leadingDirections } from '../../src/linalg/leading-directions.js';
import { multiply, randomMatrix } from './reference.js';

let linalg: Linalg;
beforeAll(async () => {
  linalg = await createLinalg();
});
afterAll(async () => linalg.release());

/** The sum of squares that the first `count` directions leave out of `w`. */
function leftOut(w: Float64Array, rows: number, columns: number, vectors: Float64Array, count: number): number {
  const right = multiply(vectors.subarray(0, count * rows), w, count, rows, columns);
  const kept = multiply(vectors.subarray(0, count * rows), right, rows, count, columns, true);
  return w.reduce((sum, value, i) => sum + (value - kept[i]!) ** 2, 0);
}

/** A matrix whose singular values fall like 1 / k. */
function falling(rows: number, columns: number, seed: number): Float64Array {
  const { count, u, v } = svd(randomMatrix(new Float64Array(), rows, columns, seed), rows, columns);
  const scaled = Float64Array.from(u, (value, i) => value / (1 + Math.floor(i / rows)));
  return multiply(scaled, v, rows, count, columns, true);
}

describe.each([
  ['all directions of wide matrices', 30, 50, 512],
  ['all of tall ones, through their columns', 50, 30, 512],
  ['subspaces of wide ones', 60, 90, 4],
  ['subspaces of tall ones', 90, 60, 4],
])('%s', (_, rows, columns, exact) => {
  const count = 8;

  test('leave out no more than singular vectors do', async () => {
    const w = falling(rows, columns, 3);
    const found = await leadingDirections(linalg, w, rows, columns, { count, exact });
    const { s } = svd(w, rows, columns);
    const least = s.subarray(count).reduce((sum, each) => sum + each * each, 0);
    expect(leftOut(w, rows, columns, found.vectors, count) / least - 1).toBeLessThan(1e-3);
    for (let k = 0; k < count; k++) expect(Math.sqrt(found.energies[k]!) / s[k]!).toBeCloseTo(1, 3);
    expect(found.total).toBeCloseTo(
      s.reduce((sum, each) => sum + each * each, 0),
      10,
    );
  });

  test('are orthonormal, and exact where the rank is low', async () => {
    const rank = 3;
    const w = multiply(
      randomMatrix(new Float64Array(), rows, rank, 1),
      randomMatrix(new Float64Array(), rank, columns, 2),
      rows,
      rank,
      columns,
    );
    const { vectors } = await leadingDirections(linalg, w, rows, columns, { count: rank, exact });
    const products = multiply(
      vectors.subarray(0, rank * rows),
      vectors.subarray(0, rank * rows),
      rank,
      rows,
      rank,
      false,
      true,
    );
    for (const [i, value] of products.entries()) expect(value).toBeCloseTo(i % (rank + 1) === 0 ? 1 : 0, 10);
    expect(leftOut(w, rows, columns, vectors, rank)).toBeLessThan(1e-18 * w.length);
  });

  test('by a Gram matrix are those of what comes out', async () => {
    const samples = 40;
    const w = falling(rows, columns, 5);
    const x = randomMatrix(new Float64Array(), columns, samples, 6);
    // inputs of very different sizes
    for (let i = 0; i < x.length; i++) x[i]! *= 1 + (Math.floor(i / samples) % 7) ** 2;
    const gram = multiply(x, x, columns, samples, columns, false, true);
    const found = await leadingDirections(linalg, w, rows, columns, { count, exact, gram });
    const y = multiply(w, x, rows, columns, samples);
    const { s } = svd(y, rows, samples);
    const least = s.subarray(count).reduce((sum, each) => sum + each * each, 0);
    expect(leftOut(y, rows, samples, found.vectors, count) / least - 1).toBeLessThan(1e-3);
    expect(found.total / s.reduce((sum, each) => sum + each * each, 0)).toBeCloseTo(1, 9);
  });
});

test.each([
  [12, 20, 4],
  [20, 12, 512],
])('zeros [%i, %i] have no direction', async (rows, columns, exact) => {
  const found = await leadingDirections(linalg, new Float64Array(rows * columns), rows, columns, { count: 2, exact });
  expect(found).toMatchObject({ count: 0, total: 0 });
});
