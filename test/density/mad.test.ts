import { describe, expect, test } from 'vitest';
import { mad } from '../../src/density/index.js';

describe('mad', () => {
  test('of an odd and an even number of rows', () => {
    const odd = mad(Float32Array.of(1, 10, 4, 10, 100, 40), 2);
    expect([...odd.medians]).toEqual([4, 10]);
    expect([...odd.deviations]).toEqual([3, 1]);
    // 1, 2, 4, 9: median 3, differences 2, 1, 1, 6
    const even = mad(Float32Array.of(9, 1, 4, 2), 1);
    expect([...even.medians]).toEqual([3]);
    expect([...even.deviations]).toEqual([1.5]);
  });

  test('of a constant feature is what the caller says', () => {
    const constant = new Float32Array(4).fill(7);
    expect([...mad(constant, 1).deviations]).toEqual([1]);
    expect([...mad(constant, 1, { zero: 0.5 }).deviations]).toEqual([0.5]);
  });

  test('is refused for an empty set', () => {
    expect(() => mad(new Float32Array(), 1)).toThrow('mad: expected at least 1 point, got 0; pass more');
  });
});
