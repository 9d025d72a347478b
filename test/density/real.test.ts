import { describe, expect, test } from 'vitest';
import { fitGmm, fitKde, fitLof, gravity, neighbours } from '../../src/density/index.js';
import { shared } from '../helpers/shared.js';
import { emitted, scaled, sum, tableAt } from './sets.js';

const tables = ['breast_cancer', 'wine_data'].flatMap((name) => {
  const path = shared(`data/tabular/${name}.csv`);
  return path ? [[name, path] as const] : [];
});

describe.each(tables)('%s', (_, path) => {
  const { points: raw, d } = tableAt(path);
  const points = scaled(raw, d);
  const away = points.subarray(0, 20 * d).map((x, i) => x + (i % 2 === 0 ? 3 : -3));
  const mean = (logs: Float64Array): number => sum(logs) / logs.length;

  test('points are likelier than points moved away from them', async () => {
    const densities = [
      await fitKde(points, d),
      await fitGmm(points, d, { components: 2 }),
      await fitGmm(points, d, { components: 2, covariance: 'diagonal' }),
    ];
    for (const density of densities) {
      expect(mean(density.logDensity(points))).toBeGreaterThan(mean(density.logDensity(away)) + 10);
      const { values } = await emitted(density, away);
      const wanted = density.logDensity(away);
      values.forEach((value, i) => void expect(Math.abs(value / wanted[i]! - 1)).toBeLessThan(1e-3));
    }
  });

  test('raw features, of sizes that differ by thousands, are as likely as scaled ones but for their units', async () => {
    const [ours, theirs] = [await fitGmm(raw, d, { components: 1 }), await fitGmm(points, d, { components: 1 })];
    const difference = ours
      .logDensity(raw)
      .map((log, i) => log - theirs.logDensity(points.subarray(i * d, (i + 1) * d))[0]!);
    expect(Math.max(...difference) - Math.min(...difference)).toBeLessThan(1e-2);
    const { values } = await emitted(ours, raw.subarray(0, 20 * d));
    const wanted = ours.logDensity(raw.subarray(0, 20 * d));
    values.forEach((value, i) => void expect(Math.abs(value - wanted[i]!)).toBeLessThan(0.05));
  });

  test('points moved away are outliers', async () => {
    const lof = await fitLof(points, d, 20);
    expect(mean(lof.score(points))).toBeLessThan(1.3);
    expect(mean(lof.score(away))).toBeGreaterThan(1.5);
  });

  test('gravity is nearer to the neighbours than the point that asked', () => {
    const x = away.subarray(0, d);
    const { centre } = gravity(points, d, 10)(x);
    const set = neighbours(points, d);
    expect(sum(set.nearest(centre, 10).distances)).toBeLessThan(sum(set.nearest(x, 10).distances));
  });
});
