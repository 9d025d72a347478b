import { describe, expect, test } from 'vitest';
import { fitLof } from '../../src/density/index.js';
import { joined, normals } from './sets.js';

describe('lof', () => {
  test('of a small set is as by hand', async () => {
    // points 0, 1, 3, 7 and k = 2. Neighbours: 0: 1, 3; 1: 0, 3; 3: 1, 0; 7: 3, 1. Reaches: 3, 2, 3, 6.
    // mean reachability: 0: (max(1, 2) + max(3, 3)) / 2 = 2.5; 1: (max(1, 3) + max(2, 3)) / 2 = 3;
    // 3: (max(2, 2) + max(3, 3)) / 2 = 2.5; 7: (max(4, 3) + max(6, 2)) / 2 = 5
    const lof = await fitLof(Float32Array.of(0, 1, 3, 7), 1, 2);
    // 2 has the neighbours 1 and 3 at 1: (max(1, 2) + max(1, 3)) / 2 = 2.5, so (1/3 + 1/2.5) / 2 · 2.5
    // 7 has itself at 0 and 3 at 4: (max(0, 6) + max(4, 3)) / 2 = 5, so (1/5 + 1/2.5) / 2 · 5
    // 20 has 7 at 13 and 3 at 17: 15, so (1/5 + 1/2.5) / 2 · 15
    const found = lof.score(Float32Array.of(2, 7, 20));
    expect(found[0]).toBeCloseTo(11 / 12, 8);
    expect(found[1]).toBeCloseTo(1.5, 8);
    expect(found[2]).toBeCloseTo(4.5, 8);
  });

  test('is 1 within a set of even density, and large far from it', async () => {
    const line = Float32Array.from({ length: 101 }, (_, i) => i);
    const [within, far] = (await fitLof(line, 1, 4)).score(Float32Array.of(50, 1000));
    expect(within).toBeCloseTo(1, 8);
    expect(far).toBeGreaterThan(100);
  });

  test('is finite for points repeated more often than k', async () => {
    const lof = await fitLof(joined(new Float32Array(20), normals(10, 2)), 2, 3);
    const [same, other] = lof.score(Float32Array.of(0, 0, 0.5, 0.5));
    expect(same).toBeCloseTo(1, 8);
    // near points of a density of 1e10
    expect(other).toBeGreaterThan(1);
    expect(other).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('needs more points than neighbours', async () => {
    await expect(fitLof(new Float32Array(3), 1, 3)).rejects.toThrow(
      'lof: expected at least 4 points, got 3; pass more',
    );
  });
});
