import { describe, expect, test } from 'vitest';
import { fitKde, kde } from '../../src/density/index.js';
import { random } from '../../src/tensor/random.js';
import { joined, normals, sum } from './sets.js';

const normalLog = (squared: number, h: number, d: number): number =>
  -squared / (2 * h * h) - d * Math.log(h) - (d / 2) * Math.log(2 * Math.PI);

describe('kde', () => {
  test.each([1, 2, 7])('of one point in %i dimensions is the Gaussian around it', (d) => {
    const point = normals(1, d);
    const query = normals(3, d, { seed: 2 });
    const found = kde(point, d, 0.7).logDensity(query);
    for (const [q, log] of found.entries()) {
      const squared = sum(point.map((p, i) => (p - query[q * d + i]!) ** 2));
      expect(log).toBeCloseTo(normalLog(squared, 0.7, d), 5);
    }
  });

  test('of two points is the mean of their Gaussians', () => {
    const [log] = kde(Float32Array.of(0, 3), 1, 2).logDensity(Float32Array.of(1));
    const both = Math.exp(normalLog(1, 2, 1)) + Math.exp(normalLog(4, 2, 1));
    expect(log).toBeCloseTo(Math.log(both / 2), 12);
  });

  test('integrates to 1 on a line', () => {
    const density = kde(normals(20, 1), 1, 0.3);
    const at = Float32Array.from({ length: 2401 }, (_, i) => -12 + i / 100);
    expect(sum(density.logDensity(at).map((log) => Math.exp(log) / 100))).toBeCloseTo(1, 6);
  });

  test('integrates to 1 in the plane', () => {
    const density = kde(normals(5, 2), 2, 0.4);
    const side = 121;
    const at = Float32Array.from({ length: side * side * 2 }, (_, i) => {
      const cell = Math.floor(i / 2);
      return -6 + (i % 2 === 0 ? Math.floor(cell / side) : cell % side) / 10;
    });
    expect(sum(density.logDensity(at).map((log) => Math.exp(log) / 100))).toBeCloseTo(1, 6);
  });

  test('is finite where every exponential is 0', () => {
    const [log] = kde(Float32Array.of(0, 1), 1, 0.01).logDensity(Float32Array.of(100));
    expect(log).toBeCloseTo(normalLog(99 ** 2, 0.01, 1) - Math.log(2), 3);
  });

  test('of no query is nothing', () => {
    expect(kde(Float32Array.of(1), 1, 1).logDensity(new Float32Array())).toEqual(new Float64Array());
  });
});

describe('the bandwidth', () => {
  test('is better than its neighbours for points that were not seen', async () => {
    const points = normals(300, 2);
    const { bandwidth } = await fitKde(points, 2);
    const others = normals(2000, 2, { seed: 5 });
    const score = (h: number): number => sum(kde(points, 2, h).logDensity(others)) / 2000;
    expect(score(bandwidth)).toBeGreaterThan(score(bandwidth * 2));
    expect(score(bandwidth)).toBeGreaterThan(score(bandwidth / 2));
  });

  test('follows the scale of the data', async () => {
    const points = normals(100, 3);
    const { bandwidth } = await fitKde(points, 3);
    // a power of two: no number is rounded otherwise
    expect(
      (
        await fitKde(
          points.map((x) => 1024 * x),
          3,
        )
      ).bandwidth,
    ).toBeCloseTo(1024 * bandwidth, 6);
  });

  test('is the same for the same seed', async () => {
    const points = normals(200, 1);
    const { bandwidth } = await fitKde(points, 1, { seed: 3 });
    expect((await fitKde(points, 1, { seed: 3 })).bandwidth).toBe(bandwidth);
  });

  test('of many points is chosen by a sample of them, and is narrower than the sample needs', async () => {
    const points = normals(16_000, 1);
    const { bandwidth, points: kept } = await fitKde(points, 1, { folds: 2 });
    expect(kept.length).toBe(16_000);
    // for normal points (4/3)^(1/5) n^(-1/5) is best
    expect(bandwidth / 1.06).toBeLessThan(1.4 * 16_000 ** -0.2);
    expect(bandwidth / 1.06).toBeGreaterThan(16_000 ** -0.2 / 1.4);
  });

  test('is the leave-one-out optimum of two points', async () => {
    // each is scored at distance 1 from the other: -1/2h^2 - log h is largest at h = 1; the grid has ratios of 2^(1/4)
    const { bandwidth } = await fitKde(Float32Array.of(0, 1), 1);
    expect(Math.abs(Math.log2(bandwidth))).toBeLessThanOrEqual(0.126);
  });

  test.each([
    ['repeated points', joined(normals(10, 2), normals(10, 2))],
    ['one point many times', new Float32Array(20).fill(3)],
    ['a constant feature', normals(20, 2).map((x, i) => (i % 2 === 0 ? x : 0.1))],
  ])('is above 0 for %s', async (_, points) => {
    const { bandwidth, logDensity } = await fitKde(points, 2);
    expect(bandwidth).toBeGreaterThan(0);
    expect(logDensity(points).every(Number.isFinite)).toBe(true);
  });

  test('is of no more folds than points', async () => {
    const points = Float32Array.from({ length: 3 }, (_, i) => random(1, 'three').normal(i));
    expect((await fitKde(points, 1, { folds: 10 })).bandwidth).toBe((await fitKde(points, 1, { folds: 3 })).bandwidth);
  });
});

test.each<[string, () => unknown, string]>([
  ['no points', () => fitKde(new Float32Array(), 2), 'kde: expected at least 1 point, got 0; pass more'],
  [
    'one point and no bandwidth',
    () => fitKde(new Float32Array(2), 2),
    'kde: expected at least 2 points to choose a bandwidth by, got 1; give a bandwidth',
  ],
  [
    'a part of a row',
    () => fitKde(new Float32Array(3), 2),
    'kde: expected rows of 2 numbers, got 3 numbers; pass whole rows',
  ],
  [
    'a number that is none',
    () => fitKde(Float32Array.of(1, 2, 3, Number.NaN), 2),
    'kde: expected finite numbers, got NaN in row 1, feature 1; drop the row or fill the gap',
  ],
  [
    'a bandwidth of 0',
    () => fitKde(new Float32Array(2), 2, { bandwidth: 0 }),
    'kde: expected a number above 0 for the bandwidth, got 0',
  ],
  [
    'no dimensions',
    () => fitKde(new Float32Array(2), 0),
    'kde: expected an integer of 1 or more for dimensions, got 0',
  ],
  [
    'one fold',
    () => fitKde(new Float32Array(2), 1, { folds: 1 }),
    'kde: expected an integer of 2 or more for folds, got 1',
  ],
])('%s is refused', async (_, attempt, message) => {
  await expect(async () => attempt()).rejects.toThrow(message);
});
