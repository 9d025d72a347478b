/** Rows under a schema: units, limits, moves, violations, words. */
import { expect, describe as suite, test } from 'vitest';
import {
  boxOf,
  changedFeatures,
  costs,
  describe,
  fromUnits,
  groups,
  likelyOneHot,
  moves,
  observedIn,
  schemaFrom,
  toUnits,
  violations,
} from '../../src/schema/index.js';
import { columns, moved, read, row } from './tables.js';

const schema = read('constraints: [income <= 1000 * age]');

suite('units', () => {
  test('are numbers, levels and categories', () => {
    expect(toUnits(schema, row)).toEqual([40, 25_000, 1.5, 1, 1, 1, 0.25]);
  });

  test('come back to the bit where unchanged, exact to float32 where not', () => {
    const units = toUnits(schema, row);
    expect(fromUnits(schema, units, row)).toEqual(row);
    const older = fromUnits(schema, units.with(0, 41).with(5, 2), row);
    expect([...older.slice(0, 1), ...older.slice(5, 8)]).toEqual([Math.fround(24 / 73), 0, 0, 1]);
    expect(fromUnits(schema, units)[0]).toBe(Math.fround(23 / 73));
  });

  test.each([
    ['six digits are enough for years', 0.315068, 40],
    ['in between is in between', 0.32, 17 + 73 * Math.fround(0.32)],
  ])('%s', (_, column, units) => {
    expect(toUnits(schema, row.with(0, column))[0]).toBe(units);
  });
});

suite('boxOf', () => {
  test('holds range, direction and what is immutable', () => {
    const { lower, upper, notes } = boxOf(schema, row);
    expect(lower).toEqual(Float32Array.of(0.315068, 0, 0.5, 0, 0, 0, 0, 0, 0.25));
    expect(upper).toEqual(Float32Array.of(1, 100_000, 4.5, 2, 1, 1, 1, 1, 0.25));
    expect(notes).toEqual([]);
  });

  test('is widened to the row, and says so', () => {
    const { lower, upper, notes } = boxOf(schema, row.with(1, 120_000).with(2, -1));
    expect([upper[1], lower[2]]).toEqual([120_000, -1]);
    expect(notes).toEqual([
      'income: 120,000 dollars lies outside of the range 0 dollars to 100,000 dollars, which is widened to it',
      'rate: -1% lies outside of the range 0.5% to 4.5%, which is widened to it',
    ]);
  });
});

suite('moves', () => {
  test.each([
    ['age', 0, { grid: 3 }, [65, 90]],
    ['rate', 2, { grid: 5 }, [0.5, 2.5, 3.5, 4.5]],
    ['grade', 3, {}, [0, 2]],
    ['smoker', 4, {}, [0]],
    ['job', 5, {}, [0, 2]],
    ['site', 6, {}, []],
  ])('of %s', (_, feature, options, values) => {
    expect(moves(schema, row, feature, options)).toEqual(values);
  });

  test('take every step where they are few, and the ends where they are many', () => {
    expect(moves(schema, row, 0, { grid: 100 })).toEqual(Array.from({ length: 50 }, (_, i) => 41 + i));
    const incomes = moves(schema, row, 1);
    expect([incomes[0], incomes.at(-1), incomes.length]).toEqual([0, 100_000, 32]);
    expect(incomes.every((value) => value % 500 === 0)).toBe(true);
  });
});

suite('violations', () => {
  test.each([
    ['range', { rate: 5 }, 'rate is 5%, outside of 0.5% to 4.5%'],
    ['range', { rate: Number.NaN }, 'rate is no number'],
    ['immutable', { site: 1 }, 'site goes from 0.25 to 1, but must not change'],
    ['direction', { age: 20 / 73 }, 'age goes from 40 years to 37 years, but may only increase'],
    ['step', { income: 25_100 }, 'income is 25100, which is not on its steps of 500'],
    ['category', { grade: 0.5 }, 'grade is 0.5, which is none of its levels'],
    ['category', { job_a: 1 }, 'job is 1, 1, 0, not one category'],
    ['constraint', { income: 40_500 }, "'income <= 1000 * age' does not hold"],
  ])('%s: %j', (kind, changes, text) => {
    const changed = row.slice();
    for (const [name, value] of Object.entries(changes)) changed[columns.indexOf(name)] = value;
    const found = violations(schema, row, changed);
    expect(found.map((violation) => [violation.kind, violation.text])).toEqual([[kind, text]]);
  });

  test('are none for what has not changed, whatever it is', () => {
    const odd = Float32Array.of(-4, 1e9, 99, 0.5, 7, 1, 1, 1, Number.NaN);
    expect(violations(schema, odd, odd)).toEqual([]);
    expect(violations(schema, odd, moved(schema, odd, 3, 2))).toEqual([]);
    expect(violations(schema, row, row.with(2, row[2]! + 1e-6))).toEqual([]);
  });
});

suite('columns and features', () => {
  test('groups, costs and what has changed', () => {
    expect(groups(schema)).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5, 5, 5, 6));
    expect(costs(schema)).toEqual(Float32Array.of(2, 1, 1, 1, 1, 1, 1));
    expect(changedFeatures(schema, row, row)).toEqual([]);
    expect(changedFeatures(schema, row, moved(schema, moved(schema, row, 5, 0), 0, 41))).toEqual([0, 5]);
    expect(changedFeatures(schema, row, row.with(2, row[2]! + 1e-6), 0)).toEqual([2]);
  });

  test.each([
    [0, 41, '41 years'],
    [1, 12_500, '12,500 dollars'],
    [1, 2000, '2000 dollars'],
    [2, 1.23456, '1.235%'],
    [2, -0.00001, '0%'],
    [3, 2, 'high'],
    [5, 1, 'smith'],
    [6, 1 / 3, '0.333'],
  ])('value of feature %i: %f is %s', (feature, value, text) => {
    expect(describe(schema, feature, value)).toBe(text);
  });
});

test('likelyOneHot tells groups of columns that sum to 1', () => {
  const names = ['job_a', 'job_b', 'has_car', 'has_dog', 'x'];
  const rows = Float32Array.of(1, 0, 1, 1, 3, 0, 1, 0, 0, Number.NaN, 1, 0, 0, 1, 2.5);
  const observed = observedIn(rows, 5);
  expect(observed[4]).toEqual({ low: 2.5, high: 3, isInteger: false });
  expect(likelyOneHot(schemaFrom(names, observed), rows)).toEqual([['job_a', 'job_b']]);
});
