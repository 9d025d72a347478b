import { describe, expect, test } from 'vitest';
import { sampler } from '../../src/train/step/sampler.js';

/** Rows, size of a batch: larger, smaller, divided by it or not, many times over. */
const cases = [
  [12, 4],
  [10, 4],
  [5, 7],
  [2, 64],
  [1, 3],
  [100, 1],
] as const;

const all = (count: number, size: number, steps: number, seed = 0, stream = 'rows'): number[] => {
  const at = sampler(count, size, seed, stream);
  return Array.from({ length: steps }, (_, step) => [...at(step)]).flat();
};

describe('sampler', () => {
  test.each(cases)(
    '%i rows, %i a step: each as often as any other, in an order of its own each time',
    (count, size) => {
      const steps = 3 * count;
      const seen = all(count, size, steps);
      expect(seen).toHaveLength(steps * size);
      for (let pass = 0; pass * count < seen.length; pass++) {
        const rows = seen.slice(pass * count, (pass + 1) * count);
        expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }
      if (count > 9) expect(seen.slice(0, count)).not.toEqual(seen.slice(count, 2 * count));
    },
  );

  test.each(cases)('%i rows, %i a step: a function of the step', (count, size) => {
    const at = sampler(count, size, 3, 'rows');
    const forth = Array.from({ length: 20 }, (_, step) => [...at(step)]);
    const back = sampler(count, size, 3, 'rows');
    for (const step of [19, 0, 7, 7, 18, 3]) expect([...back(step)]).toEqual(forth[step]);
  });

  test('other seeds and other streams are other orders', () => {
    expect(all(50, 10, 5)).not.toEqual(all(50, 10, 5, 1));
    expect(all(50, 10, 5)).not.toEqual(all(50, 10, 5, 0, 'others'));
  });
});
