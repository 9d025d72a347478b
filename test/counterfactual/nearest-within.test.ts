/** The convex program of plausible counterfactuals, against answers that are known and points drawn at random. */
import { describe, expect, test } from 'vitest';
import { type Ellipsoid, ellipsoidOf, projectOn, sizeIn } from '../../src/counterfactual/dense/ellipsoid.js';
import { type HalfSpace, nearestWithin } from '../../src/counterfactual/dense/nearest-within.js';
import { component } from '../../src/density/component.js';
import { random } from '../../src/tensor/random.js';

const asIs = { of: (points: Float32Array) => points, emit: () => ({ name: '' }) };

/** A Gaussian of d elements around the middle of [0, 1], long in some directions and thin in others. */
function gaussian(d: number, seed: number, radius: number, frame = asIs): Ellipsoid {
  const a = random(seed, 'covariance').normals(d * d);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      let sum = i === j ? 0.0004 : 0;
      for (let k = 0; k < d; k++) sum += (0.02 * a[i * d + k]! * a[j * d + k]!) / d;
      covariance[i * d + j] = sum;
    }
  return ellipsoidOf(component(1, new Float64Array(d).fill(0.5), covariance, 'full'), 'full', frame, radius);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const box = (d: number) => ({ lower: new Float32Array(d), upper: new Float32Array(d).fill(1) });
const even = (d: number) => new Float32Array(d).fill(1);

describe.each([3, 12, 30])('an ellipsoid of %i elements', (d) => {
  const ellipsoid = gaussian(d, d, d);
  const points = random(d, 'points').uniforms(5 * d);

  test.each([0, 1, 2, 3, 4])('nearest point %i lies on it, straight below', (k) => {
    const from = Float64Array.from(points.subarray(k * d, (k + 1) * d), (value) => 3 * value - 1);
    const to = from.slice();
    projectOn(ellipsoid, to);
    expect(sizeIn(ellipsoid, from)).toBeGreaterThan(d);
    expect(sizeIn(ellipsoid, to)).toBeCloseTo(d, 6);
    // no point of the ellipsoid lies farther in the direction of what was projected
    for (let trial = 0; trial < 20; trial++) {
      const other = Float64Array.from(random(trial, 'others').normals(d), (value) => 0.5 + value);
      projectOn(ellipsoid, other);
      const way = from.map((value, i) => value - to[i]!);
      expect(dot(way, other)).toBeLessThanOrEqual(dot(way, to) + 1e-6);
    }
  });

  test('a point inside stays', () => {
    const inside = new Float64Array(d).fill(0.501);
    const same = inside.slice();
    projectOn(ellipsoid, same);
    same.forEach((value, i) => {
      expect(value).toBeCloseTo(inside[i]!, 14);
    });
  });
});

describe.each(['manhattan', 'euclid'] as const)('%s', (norm) => {
  test('where the ellipsoid is wide, the answer is that of the half space', () => {
    const wide: Ellipsoid = { ...gaussian(4, 1, 1), radius: 1e9 };
    const halfSpaces: HalfSpace[] = [{ factors: Float64Array.of(-1, -2, 0, 1), bound: -1.2 }];
    const origin = Float32Array.of(0.2, 0.3, 0.4, 0.1);
    const found = nearestWithin(origin, { ...box(4), ellipsoid: wide, halfSpaces }, { norm, weights: even(4) })!;
    // 0.5 is missing: by the steepest element alone, or by each as its factor
    const known = norm === 'manhattan' ? [0.2, 0.55, 0.4, 0.1] : [0.2 + 0.5 / 6, 0.3 + 1 / 6, 0.4, 0.1 - 0.5 / 6];
    known.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 4);
    });
    if (norm === 'manhattan') expect([found[0], found[2], found[3]]).toEqual([origin[0], origin[2], origin[3]]);
  });

  test.each([
    [4, 1],
    [8, 2],
    [20, 3],
    [30, 2],
  ])('of %i elements and %i half spaces nothing drawn is nearer', (d, count) => {
    const ellipsoid = gaussian(d, d, d);
    const rng = random(d, 'half spaces');
    const halfSpaces = Array.from({ length: count }, (_, k): HalfSpace => {
      const factors = Float64Array.from(rng.normals(d, k * d));
      return { factors, bound: dot(factors, ellipsoid.centre) - 0.02 * Math.sqrt(d) };
    });
    const weights = Float32Array.from(rng.uniforms(d), (value) => 0.5 + value);
    const origin = rng.uniforms(d, 1000);
    const region = { ...box(d), ellipsoid, halfSpaces };
    const distance = (x: ArrayLike<number>): number =>
      weights.reduce(
        (sum, w, i) => sum + w * (norm === 'euclid' ? (x[i]! - origin[i]!) ** 2 : Math.abs(x[i]! - origin[i]!)),
        0,
      );
    const found = nearestWithin(origin, region, { norm, weights })!;
    expect(sizeIn(ellipsoid, found)).toBeLessThan(d * 1.001);
    for (const { factors, bound } of halfSpaces) expect(dot(factors, found)).toBeLessThan(bound + 1e-4);
    expect(found.every((value) => value >= 0 && value <= 1)).toBe(true);
    // steps from the answer that stay in the sets, as a convex program has no other valley
    let tried = 0;
    for (let trial = 0; trial < 4000; trial++) {
      const way = random(trial, `ways ${d}`).normals(d);
      const other = found.map((value, i) => value + 0.01 * way[i]!);
      projectOn(ellipsoid, other);
      const isIn =
        other.every((value) => value >= 0 && value <= 1) &&
        halfSpaces.every(({ factors, bound }) => dot(factors, other) <= bound);
      if (!isIn) continue;
      tried++;
      expect(distance(other)).toBeGreaterThan(distance(found) - 1e-4);
    }
    expect(tried).toBeGreaterThan(10);
  });
});

test('sets without a common point have none', () => {
  const ellipsoid = gaussian(4, 4, 1);
  const halfSpaces: HalfSpace[] = [{ factors: Float64Array.of(1, 1, 1, 1), bound: 0.1 }];
  const metric = { norm: 'euclid', weights: even(4) } as const;
  expect(nearestWithin(new Float32Array(4), { ...box(4), ellipsoid, halfSpaces }, metric)).toBeUndefined();
  const flat: HalfSpace[] = [{ factors: new Float64Array(4), bound: -1 }];
  expect(nearestWithin(new Float32Array(4), { ...box(4), ellipsoid, halfSpaces: flat }, metric)).toBeUndefined();
});
