/** The nearest allowed row: exact answers for each kind of feature, and what must hold for all rows, points and schemas. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxOf, moves, projectLinear, snap, toUnits, violationOf, violations } from '../../src/schema/index.js';
import { columns, moved, randomCase, read, row } from './tables.js';

const schema = read();
/** The units of the point's nearest row, for one feature; `changes` by column. */
const snapped = (changes: Record<string, number>) => {
  const point = row.slice();
  for (const [name, value] of Object.entries(changes)) point[columns.indexOf(name)] = value;
  return toUnits(schema, snap(schema, row, point));
};

describe('snap', () => {
  test.each([
    ['rounds integers', { age: 24.4 / 73 }, 0, 41],
    ['takes what is near for unchanged', { age: 23.4 / 73 }, 0, 40],
    ['stays at a tie', { age: 23.5 / 73 }, 0, 40],
    ['keeps to the direction', { age: 0 }, 0, 40],
    ['keeps to the range', { age: 2 }, 0, 90],
    ['rounds to steps', { income: 31_240 }, 1, 31_000],
    ['stays towards the original at ties', { income: 31_250 }, 1, 31_000],
    ['also from above', { income: 18_750 }, 1, 19_000],
    ['clamps continuous ones', { rate: 9 }, 2, 4.5],
    ['takes the nearest level', { grade: 1.6 }, 3, 2],
    ['stays at a tie of levels', { grade: 1.5 }, 3, 1],
    ['keeps levels to their direction', { smoker: 5 }, 4, 1],
    ['takes the largest category', { job_a: 0.9, job_b: 0.8 }, 5, 0],
    ['stays at a tie of categories', { job_c: 1 }, 5, 1],
    ['restores what is immutable', { site: 2 }, 6, 0.25],
    ['takes no number for unchanged', { income: Number.NaN }, 1, 25_000],
    ['takes infinity for far', { income: Number.POSITIVE_INFINITY }, 1, 100_000],
  ])('%s', (_, changes, feature, value) => {
    expect(snapped(changes as Record<string, number>)[feature]).toBe(value);
  });

  test('keeps unchanged columns to the bit, also beside the grid or not one-hot', () => {
    const odd = Float32Array.of(0.3123, 25_100, -9, 1.2, 0.1, 0.2, 0.3, 0.1, 7);
    expect(snap(schema, odd, odd)).toEqual(odd);
    const point = odd.slice();
    point[2] = 2;
    const expected = odd.slice();
    expected[2] = 2;
    expect(snap(schema, odd, point)).toEqual(expected);
  });

  test('meets constraints by the changed features alone where they can', () => {
    const bound = read('constraints: [income - 1000 * age >= -15000]');
    const point = row.slice();
    point[0] = 1;
    // 25,000 - 1,000 age >= -15,000 is age <= 40, the present one
    const met = snap(bound, row, point);
    expect(toUnits(bound, met).slice(0, 2)).toEqual([40, 25_000]);
    point[1] = 90_000;
    expect(toUnits(bound, snap(bound, row, point)).slice(0, 2)).toEqual([90, 90_000]);
    point[1] = 74_000;
    // 1,000 of 100,000 dollars are less than 1 of the 50 years that are left
    expect(toUnits(bound, snap(bound, row, point)).slice(0, 2)).toEqual([90, 75_000]);
  });

  test('takes back what no values are found for', () => {
    const bound = read('constraints: [rate + site >= 4]');
    const site = row.slice();
    site[8] = -3;
    const point = site.slice();
    [point[2], point[3]] = [3, 2];
    expect(toUnits(bound, snap(bound, site, point)).slice(2, 4)).toEqual([1.5, 2]);
  });
});

describe('for all rows and points', () => {
  test('the nearest row has no violations, lies in the box and is its own nearest row', () => {
    fc.assert(
      fc.property(randomCase, ({ schema: drawn, row: from, point }) => {
        const found = snap(drawn, from, point);
        expect(violations(drawn, from, found)).toEqual([]);
        expect(snap(drawn, from, found)).toEqual(found);
        const { lower, upper } = boxOf(drawn, from);
        expect(found.every((x, i) => x >= lower[i]! && x <= upper[i]!)).toBe(true);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('unchanged is allowed, unchanged by snap to the bit, and inside of the box', () => {
    fc.assert(
      fc.property(randomCase, ({ schema: drawn, row: from }) => {
        expect(snap(drawn, from, from)).toEqual(from);
        expect(violations(drawn, from, from)).toEqual([]);
        const { lower, upper } = boxOf(drawn, from);
        expect(from.every((x, i) => x >= lower[i]! && x <= upper[i]!)).toBe(true);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  test('projections keep to every constraint and to the limits of the row', () => {
    let projected = 0;
    fc.assert(
      fc.property(randomCase, ({ schema: drawn, row: from, point }) => {
        const found = projectLinear(drawn, from, snap({ ...drawn, constraints: [] }, from, point));
        if (typeof found === 'string') return;
        projected++;
        const units = toUnits(drawn, found);
        const free = drawn.constraints.filter(({ terms }) =>
          terms.some(({ feature }) => moves(drawn, from, feature).length > 0),
        );
        for (const constraint of free) expect(violationOf(constraint, units)).toBeLessThan(1e-4);
        expect(violations(drawn, from, found)).toEqual([]);
      }),
      { numRuns: 300, seed: 3 },
    );
    expect(projected).toBeGreaterThan(150);
  });

  test('every move is allowed by itself', () => {
    fc.assert(
      fc.property(randomCase, fc.nat(4), ({ schema: drawn, row: from }, which) => {
        const free = { ...drawn, constraints: [] };
        const f = which % drawn.features.length;
        for (const value of moves(free, from, f, { grid: 7 })) {
          const point = from.slice();
          const changed = moved(free, from, f, value);
          expect(violations(free, from, changed)).toEqual([]);
          expect(snap(free, from, changed)).toEqual(changed);
          expect(changed).not.toEqual(point);
        }
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});
