import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fitGmm, type Gmm, type Kde, kde, loadDensity, saveDensity } from '../../src/density/index.js';
import { UserError } from '../../src/errors.js';
import { saveNpz } from '../../src/tensor/npz.js';
import { float32, int64, scalar, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { joined, normals } from './sets.js';

const folder = mkdtempSync(join(tmpdir(), 'density-'));
afterAll(() => rmSync(folder, { recursive: true }));

const points = joined(normals(30, 2), normals(20, 2, { seed: 2, centre: 6 }));
const queries = normals(9, 2, { seed: 3 });

const densities: Record<string, () => Promise<Kde | Gmm>> = {
  kde: async () => kde(points, 2, 0.4),
  'full gmm': () => fitGmm(points, 2, { components: 2 }),
  'diagonal gmm': () => fitGmm(points, 2, { components: 3, covariance: 'diagonal' }),
};

describe('a density in a file', () => {
  test.each(Object.entries(densities))('is the same once loaded: %s', async (name, make) => {
    const density = await make();
    const path = join(folder, `${name}.npz`);
    saveDensity(density, path);
    const loaded = loadDensity(path);
    expect(loaded.name).toBe(density.name);
    expect(loaded.logDensity(queries)).toEqual(density.logDensity(queries));
    if (density.name === 'gmm') expect((loaded as Gmm).components).toEqual(density.components);
  });

  test('is replaced only by force', () => {
    const path = join(folder, 'twice.npz');
    saveDensity(kde(points, 2, 1), path);
    expect(() => saveDensity(kde(points, 2, 2), path)).toThrow(`${path}: exists already; use --force to overwrite it`);
    saveDensity(kde(points, 2, 2), path, { force: true });
    expect((loadDensity(path) as Kde).bandwidth).toBe(2);
  });
});

const doubles = (shape: readonly number[], ...values: number[]): Tensor =>
  tensor('float64', shape, Float64Array.from(values));
const one = int64([], [1]);
const mixture = {
  gmm: one,
  weights: doubles([2], 0.5, 0.5),
  means: doubles([2, 1], 0, 1),
  covariances: doubles([2, 1, 1], 1, 1),
};
const kernel = { kde: one, points: doubles([2, 1], 0, 1), bandwidth: scalar(1, 'float64') };

test.each<[string, Record<string, Tensor>, string]>([
  ['arrays of something else', { x: one }, `density: expected an array 'kde' or 'gmm', got x`],
  ['no arrays', {}, `density: expected an array 'kde' or 'gmm', got none`],
  ['a later version', { ...kernel, kde: int64([], [2]) }, 'kde: expected 1, got 2'],
  [
    'a version of another type',
    { ...kernel, kde: float32([1], Float32Array.of(1)) },
    'kde: expected 1, got float32[1]',
  ],
  ['no points', { kde: one, bandwidth: kernel.bandwidth }, 'points: expected float64[?,?], got none'],
  ['points of no rows', { ...kernel, points: doubles([0, 3]) }, 'points: expected float64[?,?], got float64[0,3]'],
  ['points of no features', { ...kernel, points: doubles([3, 0]) }, 'points: expected float64[?,?], got float64[3,0]'],
  [
    'points of another type',
    { ...kernel, points: float32([1, 1], Float32Array.of(1)) },
    'points: expected float64[?,?], got float32[1,1]',
  ],
  [
    'points that are none',
    { ...kernel, points: doubles([1, 1], Number.NaN) },
    'points: expected finite numbers, got NaN',
  ],
  [
    'a bandwidth of 0',
    { ...kernel, bandwidth: scalar(0, 'float64') },
    'kde: expected a number above 0 for the bandwidth, got 0',
  ],
  [
    'weights of another number',
    { ...mixture, weights: doubles([1], 1) },
    'weights: expected float64[2], got float64[1]',
  ],
  [
    'weights below 0',
    { ...mixture, weights: doubles([2], 2, -1) },
    'weights: expected numbers above 0 that sum to 1, got a sum of 1',
  ],
  [
    'weights that sum to 2',
    { ...mixture, weights: doubles([2], 1, 1) },
    'weights: expected numbers above 0 that sum to 1, got a sum of 2',
  ],
  [
    'covariances of another size',
    { ...mixture, covariances: doubles([2, 2], 1, 1, 1, 1) },
    'covariances: expected float64[2,1], got float64[2,2]',
  ],
  [
    'a covariance of 0',
    { ...mixture, covariances: doubles([2, 1, 1], 1, 0) },
    'gmm: expected positive definite covariances, got a pivot of 0; raise the floor',
  ],
  [
    'a covariance that is not symmetric',
    { gmm: one, weights: doubles([1], 1), means: doubles([1, 2], 0, 0), covariances: doubles([1, 2, 2], 1, 0.5, 0, 1) },
    'covariances: expected symmetric matrices, got one that is not',
  ],
])('a file with %s is refused', (_, arrays, message) => {
  const path = join(folder, 'hostile.npz');
  saveNpz(path, new Map(Object.entries(arrays)));
  const found = (() => {
    try {
      return loadDensity(path);
    } catch (error) {
      return error;
    }
  })();
  expect(found).toBeInstanceOf(UserError);
  expect((found as UserError).message).toBe(`${path}: ${message}; fit the density again`);
});

test('a file that is no archive is refused', () => {
  const path = join(folder, 'text.npz');
  writeFileSync(path, 'not an archive');
  expect(() => loadDensity(path)).toThrow(UserError);
  expect(() => loadDensity(join(folder, 'absent.npz'))).toThrow(UserError);
});
