import { describe, expect, test } from 'vitest';
import {
  atMostK,
  groupL0,
  groupL2,
  l0,
  l1,
  l1Ball,
  l2Ball,
  lHalf,
  linfBall,
  lp,
  lTwoThirds,
  nuclear,
  overChannels,
  type Penalty,
} from '../../src/optim/index.js';
import { random } from '../../src/tensor/random.js';

const only = (penalty: Penalty, z: number, step: number, upper?: number): number =>
  penalty.prox(Float32Array.of(z), step, upper === undefined ? undefined : { lower: -upper, upper })[0]!;

/** Of (y - w)^2 + lambda sqrt(|y|), so that lambda is 2 t here: lambda, z, p. */
const half: [number, number, number][] = [
  [0.01, 0.05, 0.037004],
  [0.01, 0.1, 0.091746],
  [0.01, 0.2, 0.194329],
  [0.01, 1, 0.997497],
  [0.01, -2, -1.998231],
  [0.1, 0.2, 0],
  [0.1, 0.3, 0.25],
  [0.1, 0.5, 0.46327],
  [0.1, 1, 0.974677],
  [0.1, -2, -1.982243],
  [1, 0.9449, 0],
  [1, 1, 0.701516],
  [1, -2, -1.814402],
];

test.each(half)('lHalf at lambda %f takes %f to %f', (lambda, z, p) => {
  expect(only(lHalf, z, lambda / 2)).toBeCloseTo(p, 6);
});

test.each([
  [0.01, 0.04386],
  [0.1, 0.203581],
  [1, 0.944941],
])('lHalf at lambda %f jumps at %f', (lambda, threshold) => {
  expect(only(lHalf, threshold - 1e-6, lambda / 2)).toBe(0);
  // twice the threshold's third: the least that isn't zero
  expect(only(lHalf, threshold + 1e-6, lambda / 2)).toBeCloseTo((2 / 3) * threshold, 4);
});

test('l0 in a box: x = 0.9 and w = 0.3 saves 0.05 at the end of the box, 0.1', () => {
  // 2 beta / L of the reference is 2 t here
  expect(only(l0, 0.3, 0.0249, 0.1)).toBe(Math.fround(0.1));
  expect(only(l0, 0.3, 0.0251, 0.1)).toBe(0);
});

test.each([
  ['l0', l0, 1, 0.5],
  ['l1', l1, 0.25, 0.25],
  ['lHalf', lHalf, 1.5, 1],
  ['lTwoThirds', lTwoThirds, 2, 1.5],
  ['groupL0', groupL0(Int32Array.of(0)), 1, 0.5],
  ['groupL2', groupL2(Int32Array.of(0)), 0.25, 0.25],
])('a tie of %s goes to zero', (_, penalty, z, step) => {
  expect(only(penalty, z, step)).toBe(0);
  expect(only(penalty, z * (1 + 1e-6), step)).not.toBe(0);
});

test.each([
  ['1/2', lp(1 / 2), lHalf],
  ['2/3', lp(2 / 3), lTwoThirds],
])('the power %s agrees with its closed form', (_, general, closed) => {
  const z = random(1, 'powers').normals(2000);
  const steps = random(1, 'steps').uniforms(2000);
  for (const limits of [undefined, { lower: 0.05, upper: 0.6 }]) {
    const [a, b] = [general.prox(z, steps, limits), closed.prox(z, steps, limits)];
    for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, 6);
  }
});

test('steps from nothing to huge keep the powers finite', () => {
  const z = Float32Array.of(1e-38, 1e-3, 1, 1e30, 1e-45);
  for (const penalty of [lHalf, lTwoThirds, lp(0.01), lp(0.99)]) {
    expect(penalty.prox(z, 1e-300)).toEqual(z);
    expect([...penalty.prox(z, 1e12).slice(0, 3)]).toEqual([0, 0, 0]);
    expect(penalty.prox(z, 1e12)[3]).toBeCloseTo(1, -31);
  }
});

describe('projections', () => {
  test('atMostK keeps what saves most in the box, and the first of equals', () => {
    const z = Float32Array.of(3, -1, 1, 0.5);
    expect([...atMostK(2).prox(z, 1)]).toEqual([3, -1, 0, 0]);
    expect([...atMostK(2).prox(z, 1, { lower: -1, upper: Float32Array.of(0.1, 1, 1, 1) })]).toEqual([0, -1, 1, 0]);
    expect([...atMostK(0).prox(z, 1)]).toEqual([0, 0, 0, 0]);
    expect([...atMostK(9).prox(z, 1)]).toEqual([...z]);
  });

  test('balls have the norms they should', () => {
    expect([...l2Ball(1).prox(Float32Array.of(3, 4), 7)]).toEqual([0.6, 0.8].map(Math.fround));
    expect([...l1Ball(1).prox(Float32Array.of(3, -2.5, 0.1), 7)]).toEqual([0.75, -0.25, 0]);
    expect([...linfBall(0.5).prox(Float32Array.of(3, -0.25), 7)]).toEqual([0.5, -0.25]);
    for (const ball of [l2Ball(0), l1Ball(0), linfBall(0)]) {
      const p = ball.prox(Float32Array.of(3, -0.25, 0.1), 1);
      expect([...p, ball.value(p)]).toEqual([0, 0, 0, 0]);
    }
  });
});

describe('groups', () => {
  test('reach over channels', () => {
    expect([...overChannels(Int32Array.of(0, 1), 2)]).toEqual([0, 1, 0, 1]);
    const z = Float32Array.of(3, 0.1, 4, 0.1);
    expect([...groupL2(overChannels(Int32Array.of(0, 1), 2)).prox(z, 1)]).toEqual([2.4, 0, 3.2, 0].map(Math.fround));
    expect([...groupL0(overChannels(Int32Array.of(0, 1), 2)).prox(z, 1)]).toEqual([3, 0, 4, 0]);
  });

  test.each([
    ['groupL0', groupL0(Int32Array.of(0, 0, 0, 1, 1, -1))],
    ['groupL2', groupL2(Int32Array.of(0, 0, 0, 1, 1, -1))],
  ])('%s in a box is no worse than any other point, to 1e-8', (_, penalty) => {
    const draws = random(2, 'groups in boxes');
    const scales = [1, 1e-1, 1e-2, 1e-3, 1e-4];
    for (let trial = 0; trial < 300; trial++) {
      const from = trial * 100;
      const z = draws.normals(6, from);
      const steps = draws.uniforms(6, from + 10);
      // the first group can't be zero in a third of the trials
      const lower = draws.uniforms(6, from + 20).map((u, i) => (i === 0 && trial % 3 === 0 ? u / 10 : -u));
      const upper = draws.uniforms(6, from + 30).map((u) => u + 0.1);
      // of one step, some are near the one that takes the first group to zero
      const near = Math.hypot(z[0]!, z[1]!, z[2]!) * (0.94 + 0.06 * steps[0]!);
      const one = trial % 4 === 1 ? near : steps[0]!;
      const step = trial % 2 === 0 ? steps : one;
      const cost = (p: Float32Array): number =>
        penalty.value(p) +
        p.reduce((sum, x, i) => sum + (x - z[i]!) ** 2 / (2 * (trial % 2 === 0 ? steps[i]! : one)), 0);
      const p = penalty.prox(z, step, { lower, upper });
      const least = cost(p);
      for (let rival = 0; rival < 40; rival++) {
        const away = draws.normals(6, 1e6 + (trial * 40 + rival) * 8);
        const group = (i: number): number => Math.floor(i / 3);
        const isZero = (i: number): boolean => rival % 4 < 2 && group(i) === rival % 4;
        const u = p.map((x, i) => {
          const moved = isZero(i) ? 0 : x + scales[rival % 5]! * (rival % 3 === 0 ? z[i]! : away[i]!);
          return Math.min(Math.max(moved, lower[i]!), upper[i]!);
        });
        expect(least).toBeLessThanOrEqual(cost(u) + 1e-8 * (1 + least));
      }
    }
  });

  test('are counted and measured', () => {
    const labels = Int32Array.of(0, 0, -1, 3);
    expect(groupL2(labels).value(Float32Array.of(3, 4, 9, -2))).toBe(7);
    expect(groupL0(labels).value(Float32Array.of(3, 0, 9, -2))).toBe(2);
  });
});

test('nuclear lowers the singular values, matrix by matrix', () => {
  const z = Float32Array.of(3, 0, 0, 1, 0, -2, 0.5, 0);
  expect(nuclear(2, 2).value(z)).toBeCloseTo(6.5, 6);
  expect([...nuclear(2, 2).prox(z, 1)]).toEqual([2, 0, 0, 0, 0, -1, 0, 0]);
  const steps = Float32Array.of(1, 1, 1, 1, 0.25, 0.25, 0.25, 0.25);
  expect([...nuclear(2, 2).prox(z, steps)]).toEqual([2, 0, 0, 0, 0, -1.75, 0.25, 0]);
});

test.each<[string, () => unknown]>([
  ['lp: expected a power in (0, 1), got 1; l0, l1 and squaredL2 are penalties of their own', () => lp(1)],
  ['l2Ball: expected a radius of 0 or more, got -1', () => l2Ball(-1)],
  [
    'l2Ball: expected a box that meets the ball of radius 1, got one at distance 5; raise the radius or widen the box',
    () => l2Ball(1).prox(Float32Array.of(0, 0), 1, { lower: Float32Array.of(3, 4), upper: 9 }),
  ],
  [
    'l1Ball: expected a box that meets the ball of radius 1, got one at distance 7; raise the radius or widen the box',
    () => l1Ball(1).prox(Float32Array.of(0, 0), 1, { lower: -9, upper: Float32Array.of(-3, -4) }),
  ],
  [
    'linfBall: expected boxes that meet, got none for element 1: 4 to 1; widen one',
    () => linfBall(1).prox(Float32Array.of(0, 0), 1, { lower: Float32Array.of(0, 4), upper: 9 }),
  ],
  [
    'atMostK: expected a box with zero for all but 1 elements, got one without it for 2; raise k or widen the box',
    () => atMostK(1).prox(Float32Array.of(0, 0, 0), 1, { lower: Float32Array.of(1, 1, 0), upper: 2 }),
  ],
  [
    'nuclear: expected one step for all elements of a matrix, got several',
    () => nuclear(1, 2).prox(Float32Array.of(1, 1), Float32Array.of(1, 2)),
  ],
])('says %s', (message, act) => {
  expect(act).toThrow(expect.objectContaining({ name: 'UserError', message }));
});

test('lTwoThirds agrees with its closed form', () => {
  for (const t of [1e-4, 0.05, 0.7]) {
    const lambda = 2 * t;
    for (const z of [0.02, 0.3, 1, 2.5]) {
      const A =
        (2 / Math.sqrt(3)) * lambda ** 0.25 * Math.sqrt(Math.cosh(Math.acosh((27 / 16) * z * z * lambda ** -1.5) / 3));
      const zero = z <= (2 / 3) * (3 * lambda ** 3) ** 0.25;
      expect(only(lTwoThirds, -z, t)).toBeCloseTo(zero ? 0 : -(((A + Math.sqrt((2 * z) / A - A * A)) / 2) ** 3), 6);
    }
  }
});
