import { describe, expect, test } from 'vitest';
import { type Density, fitGmm, fitKde, kde } from '../../src/density/index.js';
import { emitted, joined, normals, slopes } from './sets.js';

const d = 4;
const points = joined(normals(40, d), normals(30, d, { seed: 2, centre: 20, scale: 3 }));

/** Near the points, between the clusters, and one far from all. */
const queries = joined(normals(5, d, { seed: 3 }), new Float32Array(d).fill(12), new Float32Array(d).fill(-60));

const rows: readonly [string, () => Promise<Density>][] = [
  ['kde', () => fitKde(points, d)],
  ['kde of a narrow bandwidth', async () => kde(points, d, 0.3)],
  ['kde of one point', async () => kde(normals(1, d), d, 1)],
  ['gmm of full covariances', () => fitGmm(points, d, { components: 3 })],
  ['gmm of diagonal covariances', () => fitGmm(points, d, { components: 3, covariance: 'diagonal' })],
  ['gmm of one component', () => fitGmm(points, d, { components: 1 })],
];

describe.each(rows)('%s', (_, make) => {
  test('emits its log density', async () => {
    const density = await make();
    const { values } = await emitted(density, queries);
    const wanted = density.logDensity(queries);
    expect(values.length).toBe(wanted.length);
    values.forEach((value, i) => void expect(Math.abs(value / wanted[i]! - 1)).toBeLessThan(1e-4));
  });

  test('emits what can be differentiated', async () => {
    const density = await make();
    const { gradient } = await emitted(density, queries);
    const wanted = slopes(density, queries);
    expect(gradient.length).toBe(wanted.length);
    for (const [i, slope] of gradient.entries()) {
      expect(Math.abs(slope - wanted[i]!), `element ${i}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(wanted[i]!)));
    }
  });
});

test('at a point of its own the kernel density is flat, and not NaN', async () => {
  const { gradient } = await emitted(kde(normals(1, d), d, 0.1), normals(1, d));
  gradient.forEach((slope) => void expect(slope).toBeCloseTo(0, 3));
});
