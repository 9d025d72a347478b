/** Draws of labels, validation and test series: shares of the classes, nesting, determinism. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { checkUnlabelled, drawLabels, sampleTest, splitValidation } from '../../src/train/splits.js';

/** `counts[c]` series of class c and `without` without a label, interleaved. */
function labelsOf(counts: readonly number[], without = 0): Int32Array {
  const left = [without, ...counts];
  const labels: number[] = [];
  while (left.some((count) => count > 0)) {
    left.forEach((count, place) => {
      if (count > 0) labels.push(place - 1);
      left[place] = count - 1;
    });
  }
  return Int32Array.from(labels);
}

const countsOf = (labels: Int32Array, rows: Uint32Array, classes: number): number[] =>
  Array.from({ length: classes }, (_, c) => rows.filter((row) => labels[row] === c).length);

const ascending = (rows: Uint32Array): number[] => [...rows].sort((a, b) => a - b);

describe('shares of the classes', () => {
  test.each<[string, number[], number | 'all', number[]]>([
    ['equal classes', [20, 20, 20], 6, [2, 2, 2]],
    ['one label more goes to the first', [20, 20, 20], 7, [3, 2, 2]],
    ['one a class', [90, 9, 1], 3, [1, 1, 1]],
    ['then by size', [90, 9, 1], 10, [8, 1, 1]],
    ['proportional', [60, 30, 10], 20, [12, 6, 2]],
    ['all but one', [5, 3, 1], 8, [4, 3, 1]],
    ['all', [5, 3, 1], 'all', [5, 3, 1]],
    ['a class without labelled series has none', [4, 0, 4], 2, [1, 0, 1]],
  ])('%s', (_, counts, budget, drawn) => {
    const labels = labelsOf(counts, 7);
    const { labelled, unlabelled } = drawLabels(labels, budget, { seed: 3 });
    expect(countsOf(labels, labelled, counts.length)).toEqual(drawn);
    expect(ascending(Uint32Array.from([...labelled, ...unlabelled]))).toEqual([...labels.keys()]);
  });

  test('whatever the classes: none is left out, none is off by more than its rounding once all have their first', () => {
    const sets = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(sets, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (counts, share, seed) => {
        const labels = labelsOf(counts);
        const budget = Math.round(counts.length + share * (labels.length - counts.length));
        const drawn = countsOf(labels, drawLabels(labels, budget, { seed }).labelled, counts.length);
        expect(drawn.reduce((sum, count) => sum + count, 0)).toBe(budget);
        // at the end no class could take a label from another that has more than its first, and have the better claim (Balinski and Young)
        drawn.forEach((own, c) => {
          expect(own).toBeGreaterThanOrEqual(1);
          expect(own).toBeLessThanOrEqual(counts[c]!);
          drawn.forEach((other, d) => {
            if (own < counts[c]! && other > 1)
              expect(counts[d]! / (2 * other - 1)).toBeGreaterThanOrEqual(counts[c]! / (2 * own + 1) - 1e-12);
          });
        });
      }),
      { numRuns: 100, seed: 8 },
    );
  });
});

describe('budgets', () => {
  const labels = labelsOf([300, 120, 60, 13, 7], 50);
  const draw = (budget: number, options: object = {}) => drawLabels(labels, budget, { seed: 299, ...options }).labelled;

  test('the labels of a budget are among those of a larger one', () => {
    const budgets = [5, 6, 7, 50, 100, 250, 500].map((budget) => new Set(draw(budget)));
    for (const [i, larger] of budgets.slice(1).entries())
      expect([...budgets[i]!].filter((row) => !larger.has(row))).toEqual([]);
  });

  test('unless each is drawn for itself', () => {
    const larger = new Set(draw(100, { nested: false }));
    expect([...draw(50, { nested: false })].some((row) => !larger.has(row))).toBe(true);
  });

  test('a seed gives the same series in the same order, another seed others', () => {
    expect(draw(50)).toEqual(draw(50));
    expect(ascending(draw(50, { seed: 138 }))).not.toEqual(ascending(draw(50)));
  });

  test('classes are mixed: a batch is not of one class', () => {
    expect(new Set([...draw(100)].slice(0, 20).map((row) => labels[row])).size).toBeGreaterThan(1);
  });

  test('each series of a class is drawn about as often', () => {
    const times = new Map<number, number>();
    for (let seed = 0; seed < 400; seed++)
      for (const row of drawLabels(labelsOf([8, 8]), 8, { seed }).labelled) times.set(row, (times.get(row) ?? 0) + 1);
    // 200 expected of 400, deviation 10
    expect(times.size).toBe(16);
    for (const count of times.values()) expect(Math.abs(count - 200)).toBeLessThan(50);
  });
});

describe('validation', () => {
  const labels = labelsOf([300, 120, 60, 2, 1], 50);

  test.each([
    [10, [6, 2, 1, 1, 0]],
    [100, [62, 25, 12, 1, 0]],
    [3, [1, 1, 1, 0, 0]],
  ])('of %i series: by shares, one of each class stays', (size, counts) => {
    const { training, validation } = splitValidation(labels, size, { seed: 1 });
    expect(countsOf(labels, validation, 5)).toEqual(counts);
    expect(ascending(Uint32Array.from([...training, ...validation]))).toEqual([...labels.keys()]);
  });

  test('is the same for all budgets of a seed, and never labelled or unlabelled there', () => {
    const { training, validation } = splitValidation(labels, 100, { seed: 1 });
    for (const budget of [5, 50, 'all'] as const) {
      const { labelled, unlabelled } = drawLabels(labels, budget, { seed: 1, rows: training });
      const used = new Set([...labelled, ...unlabelled]);
      expect(used.size).toBe(labels.length - 100);
      expect([...validation].some((row) => used.has(row))).toBe(false);
    }
  });
});

describe('test series', () => {
  const labels = labelsOf([600, 300, 100], 5);
  test.each([
    [100, [60, 30, 10]],
    [2000, [600, 300, 100]],
    [2, [1, 1, 0]],
  ])('at most %i', (most, counts) => {
    const rows = sampleTest(labels, most, { seed: 4 });
    expect(countsOf(labels, rows, 3)).toEqual(counts);
    expect([...rows]).toEqual(ascending(rows));
    expect(rows).toEqual(sampleTest(labels, most, { seed: 4 }));
  });
});

describe('refuses', () => {
  const labels = labelsOf([6, 3, 1], 2);
  const rest = splitValidation(labels, 4, { seed: 0 }).training;
  test.each<[string, () => unknown, string]>([
    [
      'fewer labels than classes',
      () => drawLabels(labels, 2, { seed: 0 }),
      '--labels: expected at least 3 labels, one a class, got 2; ask for more',
    ],
    [
      'fractions of labels',
      () => drawLabels(labels, 3.5, { seed: 0 }),
      '--labels: expected a whole number of labels, got 3.5; ask for 3 or 4',
    ],
    [
      'more labels than there are',
      () => drawLabels(labels, 11, { seed: 0 }),
      '--labels: expected at most 10 labels, which the training set has, got 11; ask for fewer, or all',
    ],
    [
      'more labels than are left',
      () => drawLabels(labels, 7, { seed: 0, rows: rest }),
      '--labels: expected at most 6 labels, which are left beside the validation series, got 7; ask for fewer, or all',
    ],
    [
      'a validation set of all',
      () => splitValidation(labels, 8, { seed: 0 }),
      '--validation-size: expected from 1 to 7 series, which leaves one of each class to train on, got 8; ask for fewer or give a file with --validation',
    ],
    [
      'no unlabelled series',
      () => checkUnlabelled(drawLabels(labelsOf([2, 2]), 'all', { seed: 0 }), 'mixmatch'),
      '--labels: expected unlabelled series, which mixmatch needs, got none beside 4 labelled ones; ask for fewer labels or add series with --unlabelled',
    ],
  ])('%s', (_, act, message) => {
    let caught: unknown;
    try {
      act();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(UserError);
    expect((caught as Error).message).toBe(message);
  });
});
