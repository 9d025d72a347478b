/** Singular values alone, against those of the decomposition. */
import { expect, test } from 'vitest';
import { svd } from '../../src/linalg/jacobi-svd.js';
import { singularValues } from '../../src/linalg/singular-values.js';
import { random } from '../../src/tensor/random.js';

const close = (a: Float32Array | Float64Array, rows: number, columns: number): void => {
  const found = singularValues(a, rows, columns).sort().reverse();
  const { s } = svd(a, rows, columns);
  found.forEach((value, k) => {
    expect(Math.abs(value - s[k]!)).toBeLessThanOrEqual(1e-7 * (s[0]! || 1));
  });
};

test.each([
  [1, 1],
  [1, 7],
  [7, 1],
  [2, 2],
  [4, 4],
  [12, 4],
  [4, 12],
  [32, 32],
  [96, 32],
])('of %i x %i', (rows, columns) => {
  for (let seed = 0; seed < 20; seed++) close(random(seed, 'values').normals(rows * columns), rows, columns);
});

test('of matrices that are zero, of low rank, diagonal, or of large and small numbers', () => {
  close(new Float32Array(25), 5, 5);
  const [u, v] = [random(1, 'u').normals(8), random(2, 'v').normals(8)];
  close(
    Float32Array.from({ length: 64 }, (_, i) => u[i >> 3]! * v[i & 7]!),
    8,
    8,
  );
  close(
    Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? i : 0)),
    6,
    6,
  );
  close(
    Float64Array.from({ length: 36 }, (_, i) => 10 ** ((i % 13) - 6)),
    6,
    6,
  );
  close(new Float32Array(36).fill(1e-18), 6, 6);
});
