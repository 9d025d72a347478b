import { describe, expect, test } from 'vitest';
import { component } from '../../src/density/component.js';
import { type CovarianceKind, fitGmm, gmm } from '../../src/density/index.js';
import { spreadOf } from '../../src/density/spread.js';
import { joined, normals, sum } from './sets.js';

const kinds: readonly CovarianceKind[] = ['full', 'diagonal'];

/** Means and sample covariances, over n. */
function moments(points: Float32Array, d: number): { mean: number[]; covariance: number[] } {
  const rows = points.length / d;
  const at = (i: number, k: number): number => points[i * d + k]!;
  const over = (f: (i: number) => number): number => sum(Array.from({ length: rows }, (_, i) => f(i))) / rows;
  const mean = Array.from({ length: d }, (_, k) => over((i) => at(i, k)));
  const covariance = Array.from({ length: d * d }, (_, at2) => {
    const [j, k] = [Math.floor(at2 / d), at2 % d];
    return over((i) => (at(i, j) - mean[j]!) * (at(i, k) - mean[k]!));
  });
  return { mean, covariance };
}

/** Three features that depend on each other, of different sizes. */
const tilted = normals(60, 3).map((x, i, all) => (i % 3 === 1 ? 5 * x + 3 * all[i - 1]! + 40 : x / (1 + (i % 3))));

describe('one component', () => {
  test('has the sample mean and covariance', async () => {
    const { components, bic, trace } = await fitGmm(tilted, 3, { components: 1 });
    const { mean, covariance } = moments(tilted, 3);
    const [{ weight, mean: m, covariance: s, precision, logDeterminant }] = components as [(typeof components)[0]];
    expect(weight).toBe(1);
    mean.forEach((x, i) => void expect(m[i]).toBeCloseTo(x, 8));
    covariance.forEach((x, i) => void expect(s[i]).toBeCloseTo(x, 8));
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const entry = sum([0, 1, 2].map((k) => s[i * 3 + k]! * precision[k * 3 + j]!));
        expect(entry).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    }
    // a Gaussian's log-likelihood at its own moments
    expect(trace.at(-1)).toBeCloseTo(-(3 * Math.log(2 * Math.PI) + logDeterminant + 3) / 2, 8);
    expect(bic).toBeCloseTo(-120 * trace.at(-1)! + 9 * Math.log(60), 6);
  });

  test('of diagonal covariance has the variances', async () => {
    const { components } = await fitGmm(tilted, 3, { components: 1, covariance: 'diagonal' });
    const { covariance } = moments(tilted, 3);
    [0, 1, 2].forEach((k) => void expect(components[0]!.covariance[k]).toBeCloseTo(covariance[k * 4]!, 8));
    expect(components[0]!.logDeterminant).toBeCloseTo(sum([0, 1, 2].map((k) => Math.log(covariance[k * 4]!))), 8);
  });
});

describe('a mixture', () => {
  const two = (kind: CovarianceKind) =>
    gmm(
      [
        component(
          0.3,
          Float64Array.of(-1, 2),
          kind === 'full' ? Float64Array.of(1, 0.6, 0.6, 2) : Float64Array.of(1, 2),
          kind,
        ),
        component(
          0.7,
          Float64Array.of(1, 0),
          kind === 'full' ? Float64Array.of(0.5, 0, 0, 0.5) : Float64Array.of(0.5, 0.5),
          kind,
        ),
      ],
      kind,
    );

  test('is the formula', () => {
    const [log] = two('full').logDensity(Float32Array.of(0, 1));
    // the first has the determinant 1.64 and, for the difference (1, -1), the form (2 + 1.2 + 1) / 1.64; the second 0.25 and 4
    const first = (0.3 * Math.exp(-4.2 / 1.64 / 2)) / (2 * Math.PI * Math.sqrt(1.64));
    const second = (0.7 * Math.exp(-4 / 2)) / (2 * Math.PI * 0.5);
    expect(log).toBeCloseTo(Math.log(first + second), 12);
  });

  test.each(kinds)('of %s covariance integrates to 1 in the plane', (kind) => {
    const side = 201;
    const at = Float32Array.from({ length: side * side * 2 }, (_, i) => {
      const cell = Math.floor(i / 2);
      return -10 + (i % 2 === 0 ? Math.floor(cell / side) : cell % side) / 10;
    });
    expect(
      sum(
        two(kind)
          .logDensity(at)
          .map((log) => Math.exp(log) / 100),
      ),
    ).toBeCloseTo(1, 6);
  });

  test('integrates to 1 on a line', async () => {
    const found = await fitGmm(normals(40, 1), 1, { components: 3 });
    const at = Float32Array.from({ length: 24001 }, (_, i) => -12 + i / 1000);
    expect(sum(found.logDensity(at).map((log) => Math.exp(log) / 1000))).toBeCloseTo(1, 5);
  });
});

describe('fitting', () => {
  const blobs = joined(normals(150, 2, { scale: 0.5 }), normals(50, 2, { seed: 2, centre: 8 }));

  test.each(kinds)('finds two clusters with %s covariances, and that there are two', async (covariance) => {
    const { components } = await fitGmm(blobs, 2, { covariance });
    const [large, small] = [...components].sort((a, b) => b.weight - a.weight);
    expect(components.length).toBe(2);
    expect(large!.weight).toBeCloseTo(0.75, 6);
    expect(large!.mean.every((m) => Math.abs(m) < 0.15)).toBe(true);
    expect(small!.mean.every((m) => Math.abs(m - 8) < 0.5)).toBe(true);
  });

  const sets: readonly [string, Float32Array][] = [
    ['clusters', blobs],
    ['one cloud', normals(120, 2, { seed: 7 })],
    ['repeated points', joined(normals(12, 2), normals(12, 2), normals(12, 2))],
    ['a constant feature', normals(40, 2).map((x, i) => (i % 2 === 0 ? x : 0.1))],
    ['a feature that is another', normals(40, 2).map((x, i, all) => (i % 2 === 0 ? x : all[i - 1]!))],
    ['one point many times', new Float32Array(20).fill(0.3)],
  ];
  const cases = sets.flatMap(([name, points]) => kinds.map((kind) => [name, kind, points] as const));

  test.each(cases)('%s with %s covariances never loses likelihood', async (_, covariance, points) => {
    for (const seed of [0, 1, 2]) {
      const found = await fitGmm(points, 2, { components: 4, covariance, seed, restarts: 1, tolerance: 0 });
      for (let i = 1; i < found.trace.length; i++) {
        expect(found.trace[i]! - found.trace[i - 1]!).toBeGreaterThan(-1e-9 * Math.max(1, Math.abs(found.trace[i]!)));
      }
      const logs = found.logDensity(points);
      expect(sum(logs) / logs.length).toBeCloseTo(found.trace.at(-1)!, 7);
      expect(sum(found.components.map(({ weight }) => weight))).toBeCloseTo(1, 12);
    }
  });

  test.each(kinds)('keeps %s covariances at the floor', async (covariance) => {
    const points = normals(40, 2).map((x, i, all) => (i % 2 === 0 ? x : all[i - 1]!));
    const { components } = await fitGmm(points, 2, { components: 2, covariance, floor: 0.01 });
    const { covariance: all } = moments(points, 2);
    for (const { covariance: s } of components) {
      const least =
        covariance === 'diagonal' ? Math.min(...s) : (s[0]! + s[3]!) / 2 - Math.hypot((s[0]! - s[3]!) / 2, s[1]!);
      expect(least).toBeGreaterThan(0.0099 * all[0]!);
    }
  });

  test('is the same for the same seed', async () => {
    const once = await fitGmm(blobs, 2, { components: 3, seed: 4 });
    const again = await fitGmm(blobs, 2, { components: 3, seed: 4 });
    expect(again.components).toEqual(once.components);
  });

  test('restarts keep the likeliest', async () => {
    const points = normals(60, 2, { seed: 3 });
    const ends: number[] = [];
    for (const restarts of [1, 2, 3, 4, 5, 6]) {
      ends.push((await fitGmm(points, 2, { components: 5, restarts })).trace.at(-1)!);
    }
    expect(ends).toEqual(ends.map((_, i) => Math.max(...ends.slice(0, i + 1))));
    expect(ends.at(-1)).toBeGreaterThan(ends[0]!);
  });

  test.each(kinds)('gives a constant feature the mean variance for its unit (%s)', async (covariance) => {
    const points = normals(40, 2).map((x, i) => (i % 2 === 0 ? 100 * x : 0.1));
    const { components } = await fitGmm(points, 2, { components: 1, covariance, floor: 0.01 });
    const [first] = moments(points, 2).covariance;
    expect(components[0]!.covariance.at(-1)! / (0.01 * (first! / 2))).toBeCloseTo(1, 9);
  });

  test('sums over runs as over one', async () => {
    // more elements than one run takes
    const points = normals(12_000, 25, { seed: 9 });
    const { components } = await fitGmm(points, 25, {
      components: 8,
      covariance: 'diagonal',
      iterations: 1,
      restarts: 1,
    });
    const overall = Array.from({ length: 25 }, (_, k) => sum(components.map(({ weight, mean }) => weight * mean[k]!)));
    spreadOf(points, 25).mean.forEach((m, k) => void expect(overall[k]).toBeCloseTo(m, 9));
  });
});

test.each<[string, () => unknown, string]>([
  ['no points', () => fitGmm(new Float32Array(), 2), 'gmm: expected at least 1 point, got 0; pass more'],
  [
    'more components than points',
    () => fitGmm(new Float32Array(4), 2, { components: 3 }),
    'gmm: expected at least 3 points, got 2; pass more',
  ],
  [
    'half a component',
    () => fitGmm(new Float32Array(4), 2, { components: 0.5 }),
    'gmm: expected an integer of 1 or more for components, got 0.5',
  ],
  [
    'a number that is none',
    () => fitGmm(Float32Array.of(Number.POSITIVE_INFINITY, 0), 2),
    'gmm: expected finite numbers, got Infinity in row 0, feature 0; drop the row or fill the gap',
  ],
  [
    'no floor',
    () => fitGmm(new Float32Array(4), 2, { floor: 0 }),
    'gmm: expected a number above 0 for the floor, got 0',
  ],
  [
    'a covariance without an inverse',
    () => component(1, new Float64Array(2), Float64Array.of(1, 1, 1, 1), 'full'),
    'gmm: expected positive definite covariances, got a pivot of 0; raise the floor',
  ],
])('%s is refused', async (_, attempt, message) => {
  await expect(async () => attempt()).rejects.toThrow(message);
});
