import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { symmetricEigen } from '../../src/linalg/symmetric-eigen.js';
import { multiply, randomMatrix } from './reference.js';

function symmetric(n: number, seed: number): Float64Array {
  const a = randomMatrix(new Float64Array(), n, n, seed);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!;
  return a;
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** How far from orthonormal rows are, and their values from those of `a`. */
function faults(a: Float64Array, n: number) {
  const { values, vectors } = symmetricEigen(a, n);
  const products = multiply(vectors, vectors, n, n, n, false, true);
  for (let i = 0; i < n; i++) products[i * n + i]! -= 1;
  const moved = multiply(vectors, a, n, n, n);
  for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) moved[k * n + i]! -= values[k]! * vectors[k * n + i]!;
  return { skew: largest(products), residual: largest(moved), values };
}

describe.each([1, 2, 3, 5, 40, 120])('a symmetric matrix of %i rows', (n) => {
  test('is its vectors times its values, which fall', () => {
    const { skew, residual, values } = faults(symmetric(n, n), n);
    expect(skew).toBeLessThan(1e-12);
    expect(residual).toBeLessThan(1e-12);
    expect([...values]).toEqual([...values].sort((p, q) => q - p));
  });
});

test.each<[string, number[], number[]]>([
  ['diagonal, one of them twice', [2, 0, 0, 0, 5, 0, 0, 0, 2], [5, 2, 2]],
  ['zeros', [0, 0, 0, 0], [0, 0]],
  ['ones, of rank one', [1, 1, 1, 1, 1, 1, 1, 1, 1], [3, 0, 0]],
  ['second differences', [2, -1, 0, -1, 2, -1, 0, -1, 2], [2 + Math.SQRT2, 2, 2 - Math.SQRT2]],
  ['of many magnitudes', [1e8, 0, 0, 0, 1e-8, 0, 0, 0, 1], [1e8, 1, 1e-8]],
])('%s', (_, a, expected) => {
  const n = expected.length;
  const { skew, values } = faults(Float64Array.from(a), n);
  expect(skew).toBeLessThan(1e-14);
  for (const [k, value] of expected.entries()) expect(values[k]).toBeCloseTo(value, 12);
});

test('nothing has no values', () => {
  expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
});

test('values of any small matrix add up to its trace, and their squares to its squares', () => {
  const matrices = fc
    .integer({ min: 1, max: 7 })
    .chain((n) =>
      fc.tuple(fc.constant(n), fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n })),
    );
  fc.assert(
    fc.property(matrices, ([n, numbers]) => {
      const a = Float64Array.from(numbers);
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!;
      const { values } = symmetricEigen(a, n);
      const trace = Array.from({ length: n }, (_, i) => a[i * n + i]!).reduce((sum, each) => sum + each, 0);
      expect(values.reduce((sum, each) => sum + each, 0)).toBeCloseTo(trace, 9);
      const squares = a.reduce((sum, each) => sum + each * each, 0);
      expect(values.reduce((sum, each) => sum + each * each, 0)).toBeCloseTo(squares, 8);
    }),
    { seed: 7 },
  );
});
