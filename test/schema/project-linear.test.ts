/** Projections: exact answers, and brute force where all is stepped. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intervalOf } from '../../src/schema/allowed.js';
import { bestFirst } from '../../src/schema/best-first.js';
import { dykstra } from '../../src/schema/dykstra.js';
import { gridOf, gridValue } from '../../src/schema/grid.js';
import {
  isNumber,
  type NumberFeature,
  projectLinear,
  readSchema,
  type Schema,
  toUnits,
  violationOf,
} from '../../src/schema/index.js';
import { connected } from '../../src/schema/linear.js';

const names = ['a', 'b', 'c'];
const seen = names.map(() => ({ low: 0, high: 10, isInteger: true }));
const of = (type: string, ...constraints: (string | object)[]): Schema =>
  readSchema(JSON.stringify({ features: names.map((name) => ({ name, type })), constraints }), 's', names, seen);
const project = (schema: Schema, point: number[]) =>
  projectLinear(schema, new Float32Array(3), Float32Array.from(point));

describe('dykstra', () => {
  const infinite = Number.POSITIVE_INFINITY;

  test.each([
    ['a half-space', [2, 2], [[1, 1, -infinite, 2]], [0, 0, 9, 9], [1, 1]],
    ['a half-space and the box', [3, 0], [[1, 1, -infinite, 2]], [0, 0.5, 9, 9], [1.5, 0.5]],
    [
      'a corner, where projections in turn would end elsewhere',
      [0, 3],
      [
        [0, 1, -infinite, 0],
        [1, 1, 2, infinite],
      ],
      [-9, -9, 9, 9],
      [2, 0],
    ],
    ['a line', [0, 0], [[3, 4, 5, 5]], [-9, -9, 9, 9], [0.6, 0.8]],
    ['a slab from above', [4, 0], [[1, 0, -1, 1]], [-9, -9, 9, 9], [1, 0]],
    ['inside already', [1, 1], [[1, 1, 0, 4]], [0, 0, 9, 9], [1, 1]],
  ] as const)('%s', (_, point, slabs, [x0, y0, x1, y1], expected) => {
    const list = slabs.map(([x, y, low, high]) => ({ factors: [x, y], low, high }));
    const found = dykstra(point, list, { lower: [x0, y0], upper: [x1, y1] });
    for (const [i, x] of found.entries()) expect(x).toBeCloseTo(expected[i]!, 9);
  });
});

describe('projectLinear', () => {
  test.each([
    ['continuous features to the nearest point', 'continuous', ['a + b <= 8'], [8, 4, 3], [6, 2, 3]],
    ['through several constraints', 'continuous', ['a + b <= 8', 'b - c >= 2'], [8, 4, 4], [14 / 3, 10 / 3, 4 / 3]],
    ['integers by rounding and repair', 'integer', ['a + b = 7'], [9, 3, 1], [7, 0, 1]],
    ['integers far from rounding', 'integer', ['a = 5 * b'], [8, 2, 0], [10, 2, 0]],
    ['leaves alone what holds', 'integer', ['a + b <= 8'], [4, 4, 1], [4, 4, 1]],
  ])('%s', (_, type, constraints, point, expected) => {
    const found = project(of(type as string, ...(constraints as string[])), point as number[]);
    for (const [i, x] of (expected as number[]).entries()) expect((found as Float32Array)[i]).toBeCloseTo(x, 5);
  });

  test('gives the reason where nothing is found', () => {
    const schema = of('integer', { terms: { a: 2, b: 2, c: 2 }, 'at-least': 6.5, 'at-most': 7.5 });
    expect(project(schema, [1, 1, 1])).toBe(
      "no allowed values were found for '2 * a + 2 * b + 2 * c >= 6.5 and <= 7.5'",
    );
  });

  test('moves only what may move', () => {
    const schema = of('continuous', 'a + b <= 8');
    const from = Float32Array.of(8, 4, 0);
    expect([...(projectLinear(schema, from, from, new Set([1])) as Float32Array)]).toEqual([8, 0, 0]);
  });

  test('finds the nearest that brute force finds', () => {
    const factor = fc.integer({ min: -3, max: 3 });
    const terms = fc.record({ a: factor, b: factor, c: factor });
    const constraint = fc
      .record({ terms, 'at-most': fc.integer({ min: 0, max: 12 }) })
      .filter((one) => Object.values(one.terms).some(Boolean));
    const point = fc.tuple(fc.nat(10), fc.nat(10), fc.nat(10));
    fc.assert(
      fc.property(fc.array(constraint, { minLength: 1, maxLength: 3 }), point, (constraints, start) => {
        const schema = of('integer', ...constraints);
        // all zero always holds, so there is always something to find
        const units = toUnits(schema, project(schema, start) as Float32Array);
        expect(schema.constraints.every((one) => violationOf(one, units) === 0)).toBe(true);
        expect(Math.hypot(...units.map((x, i) => x - start[i]!))).toBeCloseTo(bruteForce(schema, start), 9);
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});

/** The least distance of allowed values from `point`. */
function bruteForce(schema: Schema, point: readonly number[]): number {
  const row = new Float32Array(3);
  const lists = schema.features.filter(isNumber).map((feature) => {
    const grid = gridOf({ ...feature, step: 1 } as NumberFeature & { step: number }, intervalOf(feature, row));
    return Array.from({ length: grid.last - grid.first + 1 }, (_, i) => gridValue(grid, grid.first + i));
  });
  let best = Number.POSITIVE_INFINITY;
  const used = schema.features.map((_, f) =>
    schema.constraints.some(({ terms }) => terms.some(({ feature }) => feature === f)),
  );
  for (const a of lists[0]!) {
    for (const b of lists[1]!) {
      for (const c of lists[2]!) {
        const values = [a, b, c];
        if (values.some((x, i) => !used[i] && x !== point[i])) continue;
        if (schema.constraints.some((constraint) => violationOf(constraint, values) > 0)) continue;
        best = Math.min(best, Math.hypot(...values.map((x, i) => x - point[i]!)));
      }
    }
  }
  return best;
}

test('bestFirst gives every choice once, the least cost first', () => {
  const costs = [
    [0, 1, 5],
    [0, 2],
    [1, 1.5, 4],
  ];
  const found = [...bestFirst(costs)];
  const totals = found.map(({ indices }) => indices.reduce((sum, at, i) => sum + costs[i]![at]!, 0));
  expect(new Set(found.map(({ indices }) => String(indices))).size).toBe(18);
  expect(found.map(({ total }) => total)).toEqual(totals);
  expect(totals).toEqual([...totals].sort((a, b) => a - b));
});

test('connected constraints share features, through others too', () => {
  const schema = readSchema(
    '{constraints: [a <= 1, c + d <= 1, b <= 1, a + b <= 1, e <= 1]}',
    's',
    ['a', 'b', 'c', 'd', 'e'],
    Array.from({ length: 5 }, () => ({ low: 0, high: 2, isInteger: false })),
  );
  const parts = connected(schema.constraints).map((part) => part.map(({ text }) => text).sort());
  expect(parts.sort((a, b) => b.length - a.length)[0]).toEqual(['a + b <= 1', 'a <= 1', 'b <= 1']);
  expect(parts).toHaveLength(3);
});
