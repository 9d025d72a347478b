import { describe, expect, test } from 'vitest';
import { gravity } from '../../src/density/index.js';
import { normals, sum } from './sets.js';

describe('gravity', () => {
  test('of a small set is as by hand', () => {
    // nearest to 0.4 of 0, 1, 3, 9: 0 and 1. Two nearest of each, itself included: 0 at 0 and 1 at 1; 1 at 0 and 0 at 1: equal
    expect([...gravity(Float32Array.of(0, 1, 3, 9), 1, 2)(Float32Array.of(0.4)).centre]).toEqual([0.5]);
    // with k = 3 nearest are 0, 1, 3; sums 0: 0 + 1 + 3, 1: 0 + 1 + 2, 3: 0 + 2 + 3; densities as 15 : 20 : 12
    const { centre, indices, weights } = gravity(Float32Array.of(0, 1, 3, 9), 1, 3)(Float32Array.of(0.4));
    expect([...indices]).toEqual([0, 1, 2]);
    [15, 20, 12].forEach((part, i) => void expect(weights[i]).toBeCloseTo(part / 47, 12));
    expect(centre[0]).toBeCloseTo(56 / 47, 12);
  });

  test('lies between its neighbours', () => {
    const points = normals(200, 3);
    const { centre, indices, weights } = gravity(points, 3, 8)(Float32Array.of(1, 1, 1));
    expect(sum(weights)).toBeCloseTo(1, 12);
    for (let k = 0; k < 3; k++) {
      const values = [...indices].map((i) => points[i * 3 + k]!);
      expect(centre[k]).toBeGreaterThan(Math.min(...values));
      expect(centre[k]).toBeLessThan(Math.max(...values));
    }
  });

  test('goes to points that are repeated k times', () => {
    const points = Float32Array.of(5, 5, 5, 6, 7, 4);
    expect([...gravity(points, 1, 3)(Float32Array.of(6.4)).centre]).toEqual([5]);
    // here 5, 5 and 5 are nearest and all alike
    expect([...gravity(points, 1, 3)(Float32Array.of(5)).centre]).toEqual([5]);
  });

  test('of one neighbour is that neighbour', () => {
    expect([...gravity(Float32Array.of(0, 0, 2, 2), 2, 1)(Float32Array.of(1.5, 1.5)).centre]).toEqual([2, 2]);
  });

  test('needs k points', () => {
    expect(() => gravity(new Float32Array(4), 2, 3)).toThrow('gravity: expected at least 3 points, got 2; pass more');
  });
});
