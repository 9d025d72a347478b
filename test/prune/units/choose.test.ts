import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidates, chooseUnits, rounded } from '../../../src/prune/units/choose.js';

const groups = fc.array(
  fc.record({
    scores: fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 70 }),
    weights: fc.integer({ min: 1, max: 500 }),
    multiple: fc.constantFrom(1, 2, 8),
  }),
  { minLength: 1, maxLength: 5 },
);
const amounts = fc.record({
  sparsity: fc.double({ min: 0, max: 0.99, noNaN: true }),
  allocation: fc.constantFrom('uniform' as const, 'global' as const),
  across: fc.constantFrom('standardised' as const, 'over the mean' as const, 'as they are' as const),
  least: fc.double({ min: 0, max: 1, noNaN: true }),
});

const candidates = (drawn: readonly { scores: number[]; weights: number; multiple: number }[]): Candidates[] =>
  drawn.map(({ scores, ...rest }, i) => ({ name: `group ${i}`, scores: Float64Array.from(scores), ...rest }));
const count = (living: Uint8Array): number => living.reduce((sum, stays) => sum + stays, 0);

test('those with the highest scores stay, in multiples where there are so many, and never none', () => {
  fc.assert(
    fc.property(groups, amounts, (drawn, amount) => {
      const all = candidates(drawn);
      for (const [i, living] of chooseUnits(all, amount).entries()) {
        const { scores, multiple } = all[i]!;
        const left = count(living);
        expect(left).toBeGreaterThanOrEqual(1);
        if (left < scores.length && scores.length >= multiple) expect(left % multiple).toBe(0);
        const lowest = Math.min(...scores.filter((_, unit) => living[unit]));
        const highest = Math.max(Number.NEGATIVE_INFINITY, ...scores.filter((_, unit) => !living[unit]));
        expect(lowest).toBeGreaterThanOrEqual(highest);
      }
    }),
  );
});

describe('uniform', () => {
  test.each([
    [100, 0.3, 1, 0, 70],
    [768, 0.3, 8, 0, 536],
    [16, 0.3, 8, 0, 8],
    [16, 0.2, 8, 0, 16],
    [6, 0.3, 8, 0, 4],
    [6, 0.9, 8, 0, 1],
    [100, 0.9, 1, 0.5, 50],
  ])('of %i units at %f in multiples of %i, at least %f: %i', (size, sparsity, multiple, least, left) => {
    const [living] = chooseUnits(
      [{ name: '', scores: Float64Array.from({ length: size }, (_, i) => i), weights: 1, multiple }],
      { sparsity, allocation: 'uniform', across: 'as they are', least },
    );
    expect(count(living!)).toBe(left);
  });
});

describe('global', () => {
  const of = (scores: number[], weights = 1): Candidates => ({
    name: '',
    scores: Float64Array.from(scores),
    weights,
    multiple: 1,
  });
  const left = (all: Candidates[], sparsity: number, least = 0.1): number[] =>
    chooseUnits(all, { sparsity, allocation: 'global', across: 'as they are', least }).map(count);

  test('the cheapest of all groups go first', () => {
    expect(left([of([1, 2, 3, 4]), of([10, 20, 30, 40])], 0.375)).toEqual([1, 4]);
  });

  test('no group loses what it keeps in any case', () => {
    expect(left([of([1, 2, 3, 4]), of([10, 20, 30, 40])], 0.5, 0.5)).toEqual([2, 2]);
  });

  test('a unit counts as much as the weights that go with it', () => {
    // half of 4 * 1 + 2 * 6
    expect(left([of([1, 2, 30, 40]), of([3, 50], 6)], 0.5)).toEqual([2, 1]);
  });

  test('scores are made comparable', () => {
    const all = [of([1, 2, 3, 4]), of([100, 200, 300, 400])];
    const chosen = chooseUnits(all, { sparsity: 0.5, allocation: 'global', across: 'standardised', least: 0.1 });
    expect(chosen.map(count)).toEqual([2, 2]);
  });
});

test('counts are rounded to the nearest multiple', () => {
  expect([11.2, 3, 61, 64].map((wanted) => rounded(wanted, 64, 8))).toEqual([8, 8, 64, 64]);
  expect([11.2, 67].map((wanted) => rounded(wanted, 68, 8))).toEqual([8, 68]);
});
