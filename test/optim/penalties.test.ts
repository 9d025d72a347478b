import { describe, expect, test } from 'vitest';
import {
  atMostK,
  atMostSegments,
  type Box,
  box,
  groupL0,
  groupL2,
  l1Ball,
  l2Ball,
  linfBall,
  lp,
  nuclear,
  type Penalty,
  penalties,
  penaltyFamilies,
  type StepSize,
  segments,
} from '../../src/optim/index.js';
import { random } from '../../src/tensor/random.js';

interface Row {
  /** Its key in the catalogue, if it is another than the row's. */
  readonly of?: string;
  /** For one, two or six elements. */
  readonly make: (n: number) => Penalty;
  readonly convex?: true;
  readonly constraint?: true;
  /** Steps can't differ between elements. */
  readonly oneStep?: true;
}

const rows: Record<string, Row> = {
  l0: { make: () => penalties.l0 },
  lHalf: { make: () => penalties.lHalf },
  lTwoThirds: { make: () => penalties.lTwoThirds },
  l1: { make: () => penalties.l1, convex: true },
  squaredL2: { make: () => penalties.squaredL2, convex: true },
  'lp, 0.1': { of: 'lp', make: () => lp(0.1) },
  'lp, 0.8': { of: 'lp', make: () => lp(0.8) },
  atMostK: { make: (n) => atMostK(Math.ceil(n / 2)), constraint: true },
  l2Ball: { make: () => l2Ball(0.6), convex: true, constraint: true },
  l1Ball: { make: () => l1Ball(0.9), convex: true, constraint: true },
  linfBall: { make: () => linfBall(0.4), convex: true, constraint: true },
  box: { make: () => box({ lower: -0.3, upper: 0.7 }), convex: true, constraint: true },
  groupL2: { make: (n) => groupL2(labels(n)), convex: true },
  groupL0: { make: (n) => groupL0(labels(n)) },
  segments: { make: (n) => segments({ ...series(n), element: 0.2 }) },
  'segments, literal': { of: 'segments', make: (n) => segments({ ...series(n), element: 1 }) },
  atMostSegments: { make: (n) => atMostSegments(1, { ...series(n), positions: n > 2 ? 2 : 1 }), constraint: true },
  nuclear: { make: (n) => nuclear(n > 2 ? 2 : n, n > 2 ? 3 : 1), convex: true, oneStep: true },
};

/** Of six: a group of two, one of three that are not neighbours, and one element in none; of fewer, one group. */
const labels = (n: number): Int32Array => (n > 2 ? Int32Array.of(1, 0, 1, -1, 1, 0) : new Int32Array(n));

/** Of six, two channels of three positions; of fewer, one channel. */
const series = (n: number) => ({ channels: n > 2 ? 2 : 1, length: n > 2 ? 3 : n });

const draws = random(5, 'penalties');
let drawn = 0;
const between = (low: number, high: number): number => low + (high - low) * draws.uniform(drawn++);
const normals = (n: number, scale = 1): Float32Array =>
  Float32Array.from({ length: n }, () => scale * draws.normal(drawn++));

/** Limits of all kinds, of which two may keep an element from zero. */
function boxOf(n: number): Box {
  const limits = Array.from({ length: n }, (_, i): [number, number] => {
    if (n < 6) return [between(-1, 0.1), between(0.1, 1)];
    if (i === 0) return [between(0.01, 0.1), between(0.1, 2)];
    if (i === 1) return [-2, between(-0.2, 0.1)];
    if (i === 2) return [0, Number.POSITIVE_INFINITY];
    if (i === 3) return [0, 0];
    return [between(-1, 0), between(0, 1)];
  });
  return { lower: Float32Array.from(limits, ([low]) => low), upper: Float32Array.from(limits, ([, high]) => high) };
}

const at = (v: number | Float32Array, i: number): number => (typeof v === 'number' ? v : v[i]!);
const clipped = (x: Float32Array, { lower, upper }: Box): Float32Array =>
  x.map((p, i) => Math.min(Math.max(p, at(lower, i)), at(upper, i)));
const everywhere: Box = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** What prox minimises, over the least step, so that no step can hide an error. */
function cost(row: Row, penalty: Penalty, p: Float32Array, z: Float32Array, step: StepSize): number {
  const value = penalty.value(p);
  if (row.constraint) return value + p.reduce((sum, x, i) => sum + (x - z[i]!) ** 2 / 2, 0);
  const least = typeof step === 'number' ? step : Math.min(...step);
  return least * value + p.reduce((sum, x, i) => sum + (((x - z[i]!) ** 2 / 2) * least) / at(step, i), 0);
}

function stepOf(row: Row, n: number, many: boolean): StepSize {
  const one = (): number => Math.exp(between(-5, 0.5));
  return many && !row.oneStep ? Float32Array.from({ length: n }, one) : one();
}

/** Points that could be better than p, in the box and, for a constraint, where it holds. */
function rivals(row: Row, penalty: Penalty, p: Float32Array, z: Float32Array, limits: Box): Float32Array[] {
  const near = [1, 0.1, 0.01, 1e-3].flatMap((scale) =>
    Array.from({ length: 8 }, () => p.map((x) => x + scale * draws.normal(drawn++))),
  );
  const zeroed = Array.from(p, (_, i) => p.map((x, j) => (i === j ? 0 : x)));
  const moved = Array.from(p, (_, i) => p.map((x, j) => (i === j ? z[i]! : x)));
  const ends = [limits.lower, limits.upper].map((end) =>
    p.map((x, i) => (Number.isFinite(at(end, i)) ? at(end, i) : x)),
  );
  const all = [...near, ...zeroed, ...moved, ...ends, z, new Float32Array(p.length)].map((u) => clipped(u, limits));
  return row.constraint ? all.map((u) => penalty.prox(u, 1, limits)) : all;
}

test('the table has a row for each of the catalogue', () => {
  const covered = Object.entries(rows).map(([name, row]) => row.of ?? name);
  expect(Object.keys({ ...penalties, ...penaltyFamilies }).filter((name) => !covered.includes(name))).toEqual([]);
});

describe.each(Object.entries(rows))('%s', (_, row) => {
  test.each([
    ['no box', false],
    ['a box', true],
  ])('with %s, no other point is better than its prox', (_, boxed) => {
    const penalty = row.make(6);
    for (let trial = 0; trial < 60; trial++) {
      const limits = boxed ? boxOf(6) : undefined;
      const step = stepOf(row, 6, trial % 2 === 0);
      const z = normals(6);
      const p = penalty.prox(z, step, limits);
      const best = cost(row, penalty, p, z, step);
      if (limits) expect(clipped(p, limits)).toEqual(p);
      for (const u of rivals(row, penalty, p, z, limits ?? everywhere)) {
        expect(best).toBeLessThanOrEqual(cost(row, penalty, u, z, step) + 1e-6 * (1 + best));
      }
    }
  });

  test.each([
    [1, 4000, 40],
    [2, 120, 12],
  ])('of %i elements is the least of a grid', (n, cells, trials) => {
    const penalty = row.make(n);
    for (let trial = 0; trial < trials; trial++) {
      const limits = trial % 2 === 0 ? boxOf(n) : { lower: -2, upper: 2 };
      const step = stepOf(row, n, trial % 3 === 0);
      const z = normals(n);
      const best = cost(row, penalty, penalty.prox(z, step, trial % 2 === 0 ? limits : undefined), z, step);
      const u = new Float32Array(n);
      let least = Number.POSITIVE_INFINITY;
      for (let cell = 0; cell < (cells + 1) ** n; cell++) {
        for (let i = 0, rest = cell; i < n; i++, rest = Math.floor(rest / (cells + 1))) {
          const part = (rest % (cells + 1)) / cells;
          u[i] = at(limits.lower, i) * (1 - part) + at(limits.upper, i) * part;
        }
        least = Math.min(least, cost(row, penalty, u, z, step));
      }
      // a constraint holds up to 1e-6 on the grid
      expect(best).toBeLessThanOrEqual(least + 3e-6);
    }
  });

  if (!row.constraint)
    test('with a step of zero moves nothing but into the box', () => {
      const penalty = row.make(6);
      const z = normals(6);
      const limits = boxOf(6);
      expect(penalty.prox(z, 0)).toEqual(z);
      expect(penalty.prox(z, 0, limits)).toEqual(clipped(z, limits));
      if (!row.oneStep) expect(penalty.prox(z, new Float32Array(6), limits)).toEqual(clipped(z, limits));
    });

  if (row.constraint)
    test('leaves alone what holds already, and holds for its own projections', () => {
      const penalty = row.make(6);
      for (let trial = 0; trial < 40; trial++) {
        const p = penalty.prox(normals(6), 1, trial % 2 ? boxOf(6) : undefined);
        expect(penalty.value(p)).toBe(0);
        for (const [i, again] of penalty.prox(p, 1).entries()) expect(again).toBeCloseTo(p[i]!, 6);
      }
      expect(penalty.value(new Float32Array(6).fill(2))).toBe(Number.POSITIVE_INFINITY);
    });

  if (row.convex)
    test('is nonexpansive', () => {
      const penalty = row.make(6);
      const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((x, i) => x - b[i]!));
      for (let trial = 0; trial < 60; trial++) {
        const [a, b, step] = [normals(6), normals(6), stepOf(row, 6, false)];
        const limits = trial % 2 ? boxOf(6) : undefined;
        const after = distance(penalty.prox(a, step, limits), penalty.prox(b, step, limits));
        expect(after).toBeLessThanOrEqual(distance(a, b) + 1e-6);
      }
    });

  test('writes over its input if told so, keeps it otherwise, and never gives -0', () => {
    const penalty = row.make(6);
    for (const limits of [undefined, boxOf(6)]) {
      const z = normals(6, 0.3);
      const kept = z.slice();
      const p = penalty.prox(z, 0.1, limits);
      expect(z).toEqual(kept);
      expect([...p].filter((x) => Object.is(x, -0))).toEqual([]);
      expect(penalty.prox(z, 0.1, limits, z)).toBe(z);
      expect(z).toEqual(p);
    }
  });

  test('takes NaN to NaN', () => {
    expect(row.make(1).prox(Float32Array.of(Number.NaN), 0.1)[0]).toBeNaN();
    expect(row.make(1).prox(Float32Array.of(Number.NaN), 0.1, { lower: -1, upper: 1 })[0]).toBeNaN();
  });
});
