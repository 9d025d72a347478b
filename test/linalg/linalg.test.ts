import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLinalg, type FloatArray, type Linalg, NotPositiveDefinite } from '../../src/linalg/index.js';
import { belowDiagonalIsZero, identity, multiply, randomMatrix, randomSpd, relativeError } from './reference.js';

let linalg: Linalg;
beforeAll(async () => {
  linalg = await createLinalg();
});
afterAll(async () => linalg.release());

const types: [string, FloatArray, number][] = [
  ['float64', new Float64Array(), 1e-14],
  ['float32', new Float32Array(), 1e-5],
];
const sizes = [1, 2, 5, 63, 64, 65, 127, 129, 200];
const cases = types.flatMap(([name, like, tolerance]) => sizes.map((n) => ({ name, like, tolerance, n })));

describe.each(cases)('$name matrices of $n rows', ({ like, tolerance, n }) => {
  const a = randomSpd(like, n, 7 + n);

  test('are the product of their Cholesky factor with itself', async () => {
    const u = await linalg.cholesky(a, n);
    expect(u.constructor).toBe(like.constructor);
    expect(belowDiagonalIsZero(u, n)).toBe(true);
    expect(relativeError(multiply(u, u, n, n, n, true), a)).toBeLessThan(tolerance);
  });

  test('times the square of their inverse factor are the identity', async () => {
    const u = await linalg.inverseFactor(a, n);
    expect(belowDiagonalIsZero(u, n)).toBe(true);
    const inverse = multiply(u, u, n, n, n, true);
    expect(relativeError(multiply(a, inverse, n, n, n), identity(n))).toBeLessThan(100 * tolerance);
  });

  test('have factors with an inverse', async () => {
    const u = await linalg.cholesky(a, n);
    const inverse = await linalg.triangularInverse(u, n);
    expect(belowDiagonalIsZero(inverse, n)).toBe(true);
    expect(relativeError(multiply(u, inverse, n, n, n), identity(n))).toBeLessThan(10 * tolerance);
  });

  test.each([1, 3, 70])('solve for %i columns', async (columns) => {
    const b = randomMatrix(like, n, columns, 3);
    const u = await linalg.cholesky(a, n);
    const back = await linalg.solveTriangular(u, n, b, columns);
    const forward = await linalg.solveTriangular(u, n, b, columns, true);
    const x = await linalg.solve(a, n, b, columns);
    expect(relativeError(multiply(u, back, n, n, columns), b)).toBeLessThan(10 * tolerance);
    expect(relativeError(multiply(u, forward, n, n, columns, true), b)).toBeLessThan(10 * tolerance);
    expect(relativeError(multiply(a, x, n, n, columns), b)).toBeLessThan(10 * tolerance);
  });
});

test('a matrix of more than 512 rows takes wider blocks', async () => {
  const n = 600;
  const a = randomSpd(new Float64Array(), n, 1);
  const u = await linalg.inverseFactor(a, n);
  const inverse = multiply(u, u, n, n, n, true);
  expect(relativeError(multiply(a, inverse, n, n, n), identity(n))).toBeLessThan(1e-12);
});

describe('products', () => {
  const shapes: [number, number, number][] = [
    [1, 1, 1],
    [3, 4, 5],
    [64, 33, 65],
    [1, 300, 90],
    [90, 0, 70],
  ];
  const forms = [false, true].flatMap((transA) => [false, true].map((transB) => ({ transA, transB })));
  const table = types.flatMap(([name, like, tolerance]) =>
    shapes.flatMap((shape) => forms.map((form) => ({ name, like, tolerance, shape, ...form }))),
  );

  test.each(table)('$name $shape transA $transA transB $transB', async ({ like, tolerance, shape, transA, transB }) => {
    const [m, k, n] = shape;
    const a = randomMatrix(like, m, k, 1);
    const b = randomMatrix(like, k, n, 2);
    const c = randomMatrix(like, m, n, 3);
    const expected = multiply(a, b, m, k, n, transA, transB);
    const size = { m, k, n, transA, transB };
    expect(relativeError(await linalg.matmul(a, b, size), expected)).toBeLessThan(tolerance);
    for (const sign of [1, -1] as const) {
      const sum = Float64Array.from(c, (value, i) => value + sign * (expected[i] as number));
      expect(relativeError(await linalg.addProduct(c, sign, a, b, size), sum)).toBeLessThan(tolerance);
    }
  });

  test('leave their arguments alone', async () => {
    const a = randomSpd(new Float64Array(), 130, 5);
    const before = a.slice();
    await linalg.cholesky(a, 130);
    await linalg.inverseFactor(a, 130);
    await linalg.solve(a, 130, a, 130);
    expect(a).toEqual(before);
  });

  test('count the time in the runtime', async () => {
    const before = linalg.secondsInRuntime;
    const a = randomMatrix(new Float64Array(), 100, 100, 1);
    await linalg.matmul(a, a, { m: 100, k: 100, n: 100 });
    expect(linalg.secondsInRuntime).toBeGreaterThan(before);
  });
});

describe('hard matrices', () => {
  test.each([1e-6, 1e-10, 1e-11])(
    'nearly singular, least eigenvalue %d: the factor reproduces the matrix',
    async (least) => {
      const n = 150;
      // rank 40 plus a little: what a Gram matrix of few samples with damping looks like
      const g = randomMatrix(new Float64Array(), 40, n, 11);
      const a = multiply(g, g, n, 40, n, true);
      for (let i = 0; i < n; i++) a[i * n + i]! += least;
      const u = await linalg.cholesky(a, n);
      expect(relativeError(multiply(u, u, n, n, n, true), a)).toBeLessThan(1e-14);
      const inverse = await linalg.inverseFactor(a, n);
      expect(inverse.every(Number.isFinite)).toBe(true);
    },
  );

  test('badly scaled: rows over twelve orders of magnitude', async () => {
    const n = 130;
    const a = randomSpd(new Float64Array(), n, 2);
    const scale = (i: number): number => 10 ** ((i % 13) - 6);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j]! *= scale(i) * scale(j);
    const u = await linalg.inverseFactor(a, n);
    const back = multiply(u, u, n, n, n, true);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) back[i * n + j]! *= scale(i) * scale(j);
    const plain = randomSpd(new Float64Array(), n, 2);
    expect(relativeError(multiply(plain, back, n, n, n), identity(n))).toBeLessThan(1e-11);
  });
});

describe('matrices without a factor', () => {
  const withDiagonal = (n: number, at: number, value: number): Float64Array => {
    const a = identity(n);
    a[at * n + at] = value;
    return a;
  };
  const failures: [string, number, number, number][] = [
    ['zero in the first row', 70, 0, 0],
    ['zero in the first block', 70, 10, 0],
    ['negative in the second block', 70, 66, -3],
    ['last row not a number', 130, 129, Number.NaN],
    ['infinite', 130, 64, Number.POSITIVE_INFINITY],
  ];

  test.each(failures)('%s', async (_, n, at, value) => {
    for (const factor of [linalg.cholesky, linalg.inverseFactor]) {
      const error = await factor(withDiagonal(n, at, value), n).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(NotPositiveDefinite);
      expect(error).toMatchObject({ pivot: at, found: value, name: 'NotPositiveDefinite' });
    }
  });

  test('a value that is not a number off the diagonal is found too', async () => {
    const a = identity(130);
    a[3 * 130 + 100] = a[100 * 130 + 3] = Number.NaN;
    await expect(linalg.cholesky(a, 130)).rejects.toThrow(
      'matrix: expected a positive pivot in row 100, got NaN; add damping to the diagonal',
    );
    await expect(linalg.inverseFactor(a, 130)).rejects.toBeInstanceOf(NotPositiveDefinite);
  });

  test('sizes that do not fit are named', async () => {
    await expect(linalg.cholesky(new Float64Array(8), 3)).rejects.toThrow(
      'cholesky: expected 9 elements for a [3, 3] matrix, got 8',
    );
  });
});

test('a released object fails, and releasing twice is harmless', async () => {
  const other = await createLinalg();
  await other.matmul(new Float64Array(10_000), new Float64Array(10_000), { m: 100, k: 100, n: 100 });
  await other.release();
  await other.release();
  await expect(
    other.matmul(new Float64Array(10_000), new Float64Array(10_000), { m: 100, k: 100, n: 100 }),
  ).rejects.toThrow('release');
});
