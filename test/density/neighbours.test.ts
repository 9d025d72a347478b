import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MetricName, type Neighbours, neighbours } from '../../src/density/index.js';
import { normals } from './sets.js';

/** What is sorted by: roots of different squares may be equal. */
const keys: Record<MetricName, (differences: readonly number[]) => number> = {
  euclidean: (differences) => differences.reduce((sum, x) => sum + x * x, 0),
  l1: (differences) => differences.reduce((sum, x) => sum + Math.abs(x), 0),
};

/** All rows, sorted by distance and then by index. */
function byDistance(points: Float32Array, d: number, query: Float32Array, metric: MetricName, except?: number) {
  return Array.from({ length: points.length / d }, (_, index) => ({
    index,
    key: keys[metric](Array.from(query, (x, k) => x - points[index * d + k]!)),
  }))
    .filter(({ index }) => index !== except)
    .sort((a, b) => a.key - b.key || a.index - b.index);
}

/** Few different numbers: many ties. */
const coarse = fc.integer({ min: -3, max: 3 });
const fine = fc.float({ min: -10, max: 10, noNaN: true });
/** Of all sizes: boxes with sides that differ by many powers of two. */
const wild = fc.tuple(fine, fc.integer({ min: -30, max: 20 })).map(([x, e]) => Math.fround(x * 2 ** e));

const cases = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(coarse, fine, wild)).chain(([d, number]) =>
  fc.record({
    d: fc.constant(d),
    points: fc
      .array(fc.array(number, { minLength: d, maxLength: d }), { minLength: 1, maxLength: 120, size: 'max' })
      .map((rows) => Float32Array.from(rows.flat())),
    query: fc.array(number, { minLength: d, maxLength: d }).map((x) => Float32Array.from(x)),
    k: fc.integer({ min: 1, max: 12 }),
    row: fc.nat(),
  }),
);

describe.each(['euclidean', 'l1'] as const)('the nearest by %s', (metric) => {
  test.each(['tree', 'each'] as const)('are those of all distances sorted (%s)', (search) => {
    fc.assert(
      fc.property(cases, ({ d, points, query, k, row }) => {
        const rows = points.length / d;
        const except = row % 2 === 0 && rows > 1 ? row % rows : undefined;
        const count = Math.min(k, rows - (except === undefined ? 0 : 1));
        const wanted = byDistance(points, d, query, metric, except).slice(0, count);
        const options = except === undefined ? {} : { except };
        const found = neighbours(points, d, { metric, search }).nearest(query, count, options);
        expect([...found.indices]).toEqual(wanted.map(({ index }) => index));
        expect([...found.distances]).toEqual(wanted.map(({ key }) => (metric === 'l1' ? key : Math.sqrt(key))));
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

test('the choice of a search changes nothing', () => {
  const points = normals(2000, 6);
  const found = (set: Neighbours) => set.nearest(points.subarray(60, 66), 30, { except: 10 });
  const chosen = found(neighbours(points, 6));
  expect(found(neighbours(points, 6, { search: 'each' }))).toEqual(chosen);
  expect(found(neighbours(points, 6, { search: 'tree' }))).toEqual(chosen);
});

test('a tree takes points of all sizes', () => {
  const powers = Float32Array.from({ length: 250 }, (_, i) => 2 ** (i - 140));
  const { indices } = neighbours(powers, 1, { search: 'tree' }).nearest(Float32Array.of(0), 3);
  expect([...indices]).toEqual([0, 1, 2]);
});

test.each<[string, () => unknown, string]>([
  ['an empty set', () => neighbours(new Float32Array(), 2), 'neighbours: expected at least 1 point, got 0; pass more'],
  [
    'more neighbours than points',
    () => neighbours(new Float32Array(4), 2).nearest(new Float32Array(2), 3),
    'neighbours: expected at most 2 neighbours, got 3; ask for fewer',
  ],
  [
    'more neighbours than other points',
    () => neighbours(new Float32Array(4), 2).nearest(new Float32Array(2), 2, { except: 0 }),
    'neighbours: expected at most 1 neighbours, got 2; ask for fewer',
  ],
  [
    'two queries',
    () => neighbours(new Float32Array(4), 2).nearest(new Float32Array(4), 1),
    'neighbours: expected one point of 2 numbers, got 4 numbers',
  ],
  [
    'a query that is no number',
    () => neighbours(new Float32Array(4), 2).nearest(Float32Array.of(0, Number.NaN), 1),
    'neighbours: expected finite numbers, got NaN in row 0, feature 1; drop the row or fill the gap',
  ],
])('%s is refused', (_, find, message) => {
  expect(find).toThrow(message);
});
