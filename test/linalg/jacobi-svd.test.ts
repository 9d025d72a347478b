import { describe, expect, test } from 'vitest';
import { type Svd, svd } from '../../src/linalg/jacobi-svd.js';
import { random } from '../../src/tensor/random.js';

/** The largest difference between a matrix and the sum of its parts. */
function residual(a: ArrayLike<number>, { count, s, u, v }: Svd, rows: number, columns: number): number {
  let most = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += s[k]! * u[k * rows + i]! * v[k * columns + j]!;
      most = Math.max(most, Math.abs(sum - a[i * columns + j]!));
    }
  }
  return most;
}

/** How far the first `count` rows of m are from orthonormal. */
function skew(m: Float64Array, length: number, count: number): number {
  let most = 0;
  for (let p = 0; p < count; p++) {
    for (let q = 0; q < count; q++) {
      let sum = p === q ? -1 : 0;
      for (let i = 0; i < length; i++) sum += m[p * length + i]! * m[q * length + i]!;
      most = Math.max(most, Math.abs(sum));
    }
  }
  return most;
}

describe.each([
  [1, 1],
  [5, 5],
  [40, 17],
  [17, 40],
  [1, 9],
  [9, 1],
])('svd of [%i, %i]', (rows, columns) => {
  const a = Float64Array.from(random(2, 'svd').normals(rows * columns));
  const parts = svd(a, rows, columns);

  test('adds up to the matrix, of orthonormal vectors and falling values', () => {
    expect(residual(a, parts, rows, columns)).toBeLessThan(1e-13);
    expect(skew(parts.u, rows, parts.count)).toBeLessThan(1e-13);
    expect(skew(parts.v, columns, parts.count)).toBeLessThan(1e-13);
    expect([...parts.s]).toEqual([...parts.s].sort((p, q) => q - p));
  });
});

test('values over many magnitudes are exact', () => {
  const a = Float64Array.of(1e8, 0, 0, 0, 0, 1e-8, 0, 1, 0);
  const { s } = svd(a, 3, 3);
  for (const [k, value] of [1e8, 1, 1e-8].entries()) expect(s[k]! / value).toBeCloseTo(1, 13);
});

test.each([
  ['rank one', Float32Array.of(1, 2, 3, 2, 4, 6), [Math.sqrt(70), 0]],
  ['zeros', new Float32Array(6), [0, 0]],
])('%s has zeros among its values', (_, a, expected) => {
  for (const [rows, columns] of [
    [2, 3],
    [3, 2],
  ] as const) {
    const matrix = rows === 2 ? a : Float32Array.from(a, (_, i) => a[(i % 2) * 3 + Math.floor(i / 2)]!);
    const parts = svd(matrix, rows, columns);
    for (const [k, value] of expected.entries()) expect(parts.s[k]).toBeCloseTo(value, 12);
    expect(residual(matrix, parts, rows, columns)).toBeLessThan(1e-13);
  }
});
