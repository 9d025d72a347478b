import { describe, expect, test } from 'vitest';
import {
  choice,
  type Distribution,
  logUniform,
  quantile,
  quantised,
  uniform,
} from '../../src/settings/distributions.js';

const last = 1 - 2 ** -32;

const rows: readonly (readonly [string, Distribution, Readonly<Record<number, number>>])[] = [
  ['uniform', uniform(-2, 6), { 0: -2, 0.25: 0, 0.5: 2 }],
  ['log-uniform', logUniform(1e-4, 1), { 0: 1e-4, 0.25: 1e-3, 0.5: 1e-2, 0.75: 0.1 }],
  ['quantised to whole numbers', quantised(1, 6, 1), { 0: 1, 0.16: 1, 0.17: 2, 0.5: 4, [last]: 6 }],
  ['quantised without dust', quantised(0.5, 1, 0.05), { 0: 0.5, 0.3: 0.65, 0.95: 1, [last]: 1 }],
  ['quantised, where division loses a step', quantised(0.1, 10, 0.1), { 0: 0.1, 0.025: 0.3, [last]: 10 }],
  ['quantised, where the range is no whole number of steps', quantised(0, 1, 0.4), { 0: 0, 0.4: 0.4, [last]: 0.8 }],
  ['choice', choice(0.1, 0.3, 0.45, 0.6), { 0: 0.1, 0.25: 0.3, 0.74: 0.45, [last]: 0.6 }],
];

describe('quantile', () => {
  test.each(rows)('%s', (_, distribution, at) => {
    for (const [u, value] of Object.entries(at)) expect(quantile(distribution, Number(u))).toBeCloseTo(value, 12);
  });

  test('a quantised number is the decimal one', () => {
    const seen = new Set(Array.from({ length: 1000 }, (_, i) => quantile(quantised(0.5, 1, 0.05), i / 1000)));
    expect([...seen]).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1]);
  });

  test.each([uniform(0.1, 0.3), logUniform(0.9, 0.999), logUniform(1e-6, 1e-3)])('stays within %o', (distribution) => {
    for (const u of [0, 0.5, last, 1 - 2 ** -53]) {
      const value = quantile(distribution, u);
      expect(value).toBeGreaterThanOrEqual((distribution as { from: number }).from);
      expect(value).toBeLessThanOrEqual((distribution as { to: number }).to);
    }
  });
});
