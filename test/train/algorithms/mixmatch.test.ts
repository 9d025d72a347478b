import { describe, expect, test } from 'vitest';
import { algorithms } from '../../../src/train/algorithms/index.js';
import { views } from '../../../src/train/views/index.js';
import { small, waves } from '../small.js';
import { inRowsOf, mixture } from './by-hand.js';
import { observed } from './observed.js';

const shape = { channels: 2, length: 16, classes: 3, width: 8 };
const steps = 10;
const step = 3;
const data = { labelled: waves(9, shape, 20), unlabelled: waves(15, shape, 21) };
const allViews = { augmented: views['rand-augment'], weak: views.weak, strong: views.strong };

const [labelled, unlabelled] = [4, 6];

describe('what is mixed', () => {
  const own = small({
    algorithm: algorithms.mixmatch as never,
    shape,
    data,
    views: allViews,
    steps,
    labelledBatch: labelled,
    unlabelledBatch: unlabelled,
  });

  test('is every series with one of all, by a share of at least a half', async () => {
    for (const at of [0, 4, 9]) {
      const { passes, fed } = await observed(own, { step: at });
      const [share] = fed['mixing share']!;
      expect(share).toBeGreaterThanOrEqual(0.5);
      expect(share).toBeLessThanOrEqual(1);
      expect([...fed['mixing order']!].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
      const whole = [
        inRowsOf(fed['labelled/rand-augment 3 1/0']!, 32),
        ...[0, 1].map((copy) => inRowsOf(fed[`unlabelled/rand-augment 3 1/${copy}`]!, 32)),
      ].flat();
      mixture(whole, fed).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(passes[1]!.x[i]![j]).toBeCloseTo(value, 5);
        });
      });
    }
  });

  test('has guesses that are numbers however sharp, with many classes alike', async () => {
    const many = { ...shape, classes: 20 };
    const alike = small({
      algorithm: algorithms.mixmatch as never,
      shape: many,
      options: { temperature: 0.01 },
      data: { labelled: waves(20, many, 1), unlabelled: waves(20, many, 2) },
    });
    const { terms } = await observed(alike, { step });
    for (const term of Object.values(terms)) expect(Number.isFinite(term)).toBe(true);
  });
});
