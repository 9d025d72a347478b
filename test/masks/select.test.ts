import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternOf } from '../../src/masks/patterns.js';
import { ranked } from '../../src/masks/rank.js';
import { keep, type Selection, select } from '../../src/masks/select.js';
import { random } from '../../src/tensor/random.js';

const settings = { seed: 11, numRuns: 200 };

/** Sorting with a stable comparison: what every faster way must agree with. */
function keptBySorting(scores: Float32Array, from: number, size: number, count: number): Uint8Array {
  const order = Array.from({ length: size }, (_, i) => from + i).sort((a, b) => scores[a]! - scores[b]!);
  const kept = new Uint8Array(scores.length).fill(1);
  for (const i of order.slice(0, count)) kept[i] = 0;
  return kept;
}

describe('keep', () => {
  // few different values, so that ties are common; both zeros
  const values = fc.array(fc.constantFrom(0, -0, 1, 2, 3, -1, 0.5, 1e-40, -1e30), { minLength: 1, maxLength: 200 });

  test('removes the smallest, ties by index', () => {
    fc.assert(
      fc.property(values, fc.nat(220), (numbers, count) => {
        const scores = Float32Array.from(numbers);
        const clipped = Math.min(count, scores.length);
        expect(keep(scores, scores.length, { count })).toEqual(keptBySorting(scores, 0, scores.length, clipped));
      }),
      settings,
    );
  });

  test('the reference rule removes all up to the next smallest', () => {
    fc.assert(
      fc.property(values, fc.nat(199), (numbers, count) => {
        const scores = Float32Array.from(numbers);
        const at = Math.min(count, scores.length - 1);
        const limit = scores.slice().sort()[at]!;
        const kept = keep(scores, scores.length, { count: at, through: true });
        expect([...kept]).toEqual(numbers.map((x) => (Math.fround(x) <= limit ? 0 : 1)));
      }),
      settings,
    );
  });

  test.each([9000, 100_000])('counts ranks among %i scores as sorting does', (size) => {
    for (const scores of [random(3, 'scores').normals(size), new Float32Array(size).fill(-2), ties(size)]) {
      const sorted = scores.slice().sort();
      for (const rank of [0, 1, size >> 1, size - 1]) {
        const { value, below } = ranked(scores, 0, size, rank);
        expect(value).toBe(sorted[rank]! + 0);
        expect(below).toBe(scores.reduce((sum, x) => sum + (x < value ? 1 : 0), 0));
      }
      expect(keep(scores, size, { count: size >> 1 })).toEqual(keptBySorting(scores, 0, size, size >> 1));
    }
  });
});

const ties = (size: number) => Float32Array.from({ length: size }, (_, i) => [0, -0, 1, -1, 1e-42][i % 5]!);

describe('select', () => {
  const scores = { stacks: 2, rows: 2, columns: 6, data: Float32Array.from({ length: 24 }, (_, i) => i) };
  const zeros = (mask: Uint8Array) => [...mask].flatMap((kept, i) => (kept ? [] : [i]));
  const half = { kind: 'unstructured', sparsity: 0.5 } as const;
  const cases: [string, Selection, number[]][] = [
    ['each row', { pattern: half, group: 'row', rule: 'exact' }, [0, 1, 2, 6, 7, 8, 12, 13, 14, 18, 19, 20]],
    ['all stacks together', { pattern: half, group: 'matrix', rule: 'exact' }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    [
      'one more by the published threshold',
      { pattern: { ...half, sparsity: 0.1 }, group: 'matrix', rule: 'reference' },
      [0, 1, 2],
    ],
    [
      'rows as sorted, also as published',
      { pattern: { ...half, sparsity: 0.2 }, group: 'row', rule: 'reference' },
      [0, 6, 12, 18],
    ],
    ['a given number', { pattern: half, group: 'global', rule: 'exact', remove: 3 }, [0, 1, 2]],
    [
      'n:m whatever the group',
      { pattern: { kind: 'n:m', n: 1, m: 3 }, group: 'global', rule: 'exact' },
      [0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19, 21, 22],
    ],
    [
      'n of m as published',
      { pattern: { kind: 'n:m', n: 1, m: 3 }, group: 'row', rule: 'reference' },
      [0, 3, 6, 9, 12, 15, 18, 21],
    ],
    [
      'tiles of a stack',
      { pattern: { kind: 'blocks', rows: 2, columns: 2, sparsity: 0.5 }, group: 'matrix', rule: 'exact' },
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    ],
    [
      'tiles of a row of tiles',
      { pattern: { kind: 'blocks', rows: 2, columns: 4, sparsity: 0.99 }, group: 'row', rule: 'exact' },
      [],
    ],
  ];
  test.each(cases)('%s', (_, selection, expected) => {
    const { mask, removed } = select(scores, selection, 'test');
    expect(zeros(mask)).toEqual(expected);
    expect(removed).toBe(expected.length);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses a score of %d', (bad) => {
    const data = scores.data.slice();
    data[8] = bad;
    expect(() => select({ ...scores, data }, { pattern: half, group: 'row', rule: 'exact' }, "prune 'fc'")).toThrow(
      `prune 'fc': the score at row 1, column 2 is ${bad}; look for NaN or overflow in the model and the calibration data`,
    );
  });

  test('0.29 of 100 is 29 by our rule and 28 by the published one', () => {
    const pattern = patternOf({ kind: 'unstructured', sparsity: 0.29 });
    expect(pattern.removal('row', 100, 'exact').count).toBe(29);
    expect(pattern.removal('row', 100, 'reference').count).toBe(28);
  });
});

test.each([
  [
    { kind: 'blocks', rows: 4, columns: 4, sparsity: 0.5 } as const,
    'tiles of 4x4 need at least as large a matrix, the layer has 2 x [3, 9]',
  ],
  [{ kind: 'n:m', n: 2, m: 12 } as const, '2:12 needs 12 consecutive inputs, the layer has 9'],
])('a reason when nothing fits: %o', (spec, reason) => {
  expect(patternOf(spec).fits({ stacks: 2, rows: 3, columns: 9 })).toBe(reason);
});
