import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atMostSegments, type Box, type Penalty, segments } from '../../src/optim/index.js';

interface Case {
  readonly z: Float32Array;
  readonly box: Box;
  readonly channels: number;
  readonly length: number;
}

/** Halves, so that zeros and ties are common and sums of squares are exact; boxes, of which some exclude zero. */
const cases: fc.Arbitrary<Case> = fc
  .record({ channels: fc.integer({ min: 1, max: 2 }), length: fc.integer({ min: 1, max: 7 }) })
  .chain(({ channels, length }) => {
    const size = channels * length;
    const numbers = (min: number, max: number) =>
      fc
        .array(fc.integer({ min, max }), { minLength: size, maxLength: size })
        .map((all) => Float32Array.from(all, (x) => x / 2));
    const excluded = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: size, maxLength: size });
    return fc.record({ z: numbers(-4, 4), lower: numbers(-5, 0), upper: numbers(0, 5), excluded }).map((drawn) => ({
      z: drawn.z,
      box: {
        lower: drawn.lower.map((x, i) => (drawn.excluded[i] === 0 ? 0.5 : x)),
        upper: drawn.upper.map((x) => x + 0.5),
      },
      channels,
      length,
    }));
  });

/** All sets of positions, with the number of their maximal runs. */
const sets = (length: number): { readonly set: boolean[]; readonly runs: number; readonly size: number }[] =>
  Array.from({ length: 2 ** length }, (_, bits) => {
    const set = Array.from({ length }, (_, i) => ((bits >> i) & 1) === 1);
    return { set, runs: set.filter((is, i) => is && !set[i - 1]).length, size: set.filter((is) => is).length };
  });

const at = (v: number | Float32Array, i: number): number => (typeof v === 'number' ? v : v[i]!);
const clipped = (z: Float32Array, { lower, upper }: Box): Float32Array =>
  z.map((p, i) => Math.min(Math.max(p, at(lower, i)), at(upper, i)));

/** The nearest point to z in the box that is zero outside of a set; undefined if the box has none. */
function within({ z, box, length }: Case, set: boolean[]): Float32Array | undefined {
  const p = clipped(z, box).map((x, i) => (set[i % length] ? x : 0));
  return clipped(p, box).every((x, i) => x === p[i]) ? p : undefined;
}

const squares = (p: Float32Array, z: Float32Array, steps: (i: number) => number): number =>
  p.reduce((sum, x, i) => sum + (x - z[i]!) ** 2 / (2 * steps(i)), 0);

const changed = (p: Float32Array, length: number): number =>
  new Set(Array.from(p.keys()).flatMap((i) => (p[i] === 0 ? [] : [i % length]))).size;

/** The least of all sets, and what prox reaches by the penalty's own value. */
function compare(
  drawn: Case,
  penalty: Penalty,
  price: (runs: number, size: number) => number,
  step: number | Float32Array,
) {
  let least = Number.POSITIVE_INFINITY;
  for (const { set, runs, size } of sets(drawn.length)) {
    const p = within(drawn, set);
    if (p) least = Math.min(least, squares(p, drawn.z, (i) => at(step, i)) + price(runs, size));
  }
  if (least === Number.POSITIVE_INFINITY) return undefined;
  const p = penalty.prox(drawn.z, step, drawn.box);
  expect(clipped(p, drawn.box)).toEqual(p);
  return { least, reached: squares(p, drawn.z, (i) => at(step, i)) + penalty.value(p) };
}

describe('segments', () => {
  test.each([0.05, 0.25, 0.5, 1, 2])(
    'with %f an element, its prox is the least of all sets of positions',
    (element) => {
      fc.assert(
        fc.property(cases, fc.constantFrom(0.1, 0.5, 1, 3), fc.boolean(), (drawn, t, isMany) => {
          const step = isMany ? drawn.z.map((_, i) => t * (1 + (i % 3))) : t;
          const found = compare(drawn, segments({ ...drawn, element }), (runs, size) => runs + element * size, step)!;
          expect(found.reached).toBeCloseTo(found.least, 9);
        }),
        { seed: 7, numRuns: 200 },
      );
    },
  );

  test.each([0.2, 0.5, 1])(
    'with %f an element, its value is the least price of runs that cover all changes',
    (element) => {
      fc.assert(
        fc.property(cases, ({ z, channels, length }) => {
          const isChanged = (i: number) =>
            Array.from({ length: channels }, (_, c) => z[c * length + i] !== 0).includes(true);
          const covers = sets(length).filter(({ set }) => set.every((is, i) => is || !isChanged(i)));
          const least = Math.min(...covers.map(({ runs, size }) => runs + element * size));
          expect(segments({ channels, length, element }).value(z)).toBeCloseTo(least, 12);
        }),
        { seed: 8, numRuns: 200 },
      );
    },
  );

  test('where nothing is zero already, a prox has as many maximal runs as its value says', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0.1, 0.5, 1), ({ z, channels, length }, t) => {
        const p = segments({ channels, length }).prox(
          z.map((x) => x || 0.25),
          t,
        );
        expect(segments({ channels, length }).value(p)).toBeCloseTo(
          segments({ channels, length, element: 1 }).value(p) - 0.9 * changed(p, length),
          9,
        );
      }),
      { seed: 10, numRuns: 200 },
    );
  });

  test('counts maximal runs and changed positions, but passes over short gaps', () => {
    const series = { channels: 2, length: 6 };
    const x = Float32Array.of(1, 0, 0, 0, 0, 2, 0, -1, 0, 0, 0, 0);
    expect(segments({ ...series, element: 1 }).value(x)).toBe(2 + 3);
    expect(segments({ ...series, element: 0.25 }).value(x)).toBe(1 + 6 * 0.25);
    expect(segments(series).value(new Float32Array(12))).toBe(0);
  });

  test('passes over what is small between two segments and drops what is small alone', () => {
    const z = Float32Array.of(0.3, 0, 2, 0.1, 2, 0, 0, 0, 0, 0.3);
    expect([...segments({ channels: 1, length: 10 }).prox(z, 0.5)]).toEqual(
      [0, 0, 2, 0.1, 2, 0, 0, 0, 0, 0].map(Math.fround),
    );
  });

  test.each([
    ['a run', [1, 0], [0.5, 0], 0],
    ['a run at the end', [0, 1], [0, 0.5], 1],
    ['a run of two', [1, 0.5], [0, 0.5], 1],
    ['the end of a run', [2, 0.5, 0], [0, 0, 0], 1],
    ['the start of a run', [0.5, 2], [0, 0], 0],
    ['a position between two runs', [2, 0, 0, 0.5, 0, 0, 2], [0, 0, 0, 0, 0, 0, 0], 3],
  ])('a tie of %s goes to zero', (_, first, second, position) => {
    const z = Float32Array.from([...first, ...second]);
    const penalty = segments({ channels: 2, length: first.length, element: 0.25 });
    expect(penalty.prox(z, 0.5)[position]).toBe(0);
    expect(penalty.prox(z, 0.4999)[position]).toBe(z[position]);
  });
});

describe('atMostSegments', () => {
  test('projects to the nearest of all sets of positions', () => {
    let compared = 0;
    fc.assert(
      fc.property(cases, fc.nat({ max: 3 }), fc.nat({ max: 5 }), (drawn, count, positions) => {
        const allowed = (runs: number, size: number) =>
          runs <= count && size <= positions ? 0 : Number.POSITIVE_INFINITY;
        const penalty = atMostSegments(count, { ...drawn, positions });
        const found = compare(drawn, penalty, allowed, 1);
        if (found) expect(found.reached).toBe(found.least);
        else expect(() => penalty.prox(drawn.z, 1, drawn.box)).toThrow(/expected a box with zero outside/);
        if (found) compared++;
      }),
      { seed: 9, numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  test('keeps the best window, and two if two are allowed', () => {
    const z = Float32Array.of(3, 0.5, 2, 0, 0, 0, 2.5, 1);
    const series = { channels: 1, length: 8, positions: 3 };
    expect([...atMostSegments(1, series).prox(z, 1)]).toEqual([3, 0.5, 2, 0, 0, 0, 0, 0]);
    expect([...atMostSegments(2, series).prox(z, 1)]).toEqual([3, 0, 0, 0, 0, 0, 2.5, 1]);
    expect([...atMostSegments(3, series).prox(z, 1)]).toEqual([3, 0, 2, 0, 0, 0, 2.5, 0]);
    expect([...atMostSegments(0, series).prox(z, 1)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

test.each<[string, () => unknown]>([
  ['segments: expected a price of an element above 0, got 0', () => segments({ channels: 1, length: 2, element: 0 })],
  [
    'segments: expected 2 channels of length 3, got 5 elements',
    () => segments({ channels: 2, length: 3 }).prox(new Float32Array(5), 1),
  ],
  [
    'atMostSegments: expected whole numbers of runs and positions, got 1 and 1.5',
    () => atMostSegments(1, { channels: 1, length: 2, positions: 1.5 }),
  ],
  [
    'atMostSegments: expected a box with zero outside of 1 runs of 2 positions, got one without; allow more or widen the box',
    () =>
      atMostSegments(1, { channels: 1, length: 3, positions: 2 }).prox(new Float32Array(3), 1, {
        lower: Float32Array.of(1, 0, 1),
        upper: 2,
      }),
  ],
])('says %s', (message, act) => {
  expect(act).toThrow(expect.objectContaining({ name: 'UserError', message }));
});
