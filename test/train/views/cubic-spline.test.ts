import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cubic, cubicSpline } from '../../../src/train/views/cubic-spline.js';

const at = (knots: readonly number[], values: readonly number[], x: number): number => {
  const slopes = cubicSpline(Float64Array.from(knots)).slopes(Float64Array.from(values));
  const k = Math.max(
    0,
    knots.findLastIndex((knot, i) => knot <= x && i < knots.length - 1),
  );
  const inverse = 1 / (knots[k + 1]! - knots[k]!);
  return cubic(values[k]!, values[k + 1]!, slopes[k]!, slopes[k + 1]!, inverse, x - knots[k]!);
};

describe('a not-a-knot spline', () => {
  // as many knots as a polynomial has coefficients fix it; more than four do not bend a cubic
  test.each([
    [1, 2, 2],
    [2, 3, 3],
    [3, 4, 40],
  ])('is exact for polynomials of degree %d through %d to %d knots', (degree, least, most) => {
    const steps = fc.array(fc.double({ min: 0.3, max: 3, noNaN: true }), { minLength: least - 1, maxLength: most - 1 });
    const coefficients = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
      minLength: degree + 1,
      maxLength: degree + 1,
    });
    fc.assert(
      fc.property(steps, coefficients, fc.double({ min: 0, max: 1, noNaN: true }), (h, c, share) => {
        const total = h.reduce((sum, step) => sum + step, 0);
        const knots = [0];
        for (const step of h) knots.push(knots.at(-1)! + step / total);
        const polynomial = (x: number) => c.reduceRight((sum, a) => sum * x + a, 0);
        expect(
          Math.abs(at(knots, knots.map(polynomial), share * knots.at(-1)!) - polynomial(share * knots.at(-1)!)),
        ).toBeLessThan(1e-9);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test('of one knot is flat', () => {
    expect([...cubicSpline([3]).slopes([5])]).toEqual([0]);
  });

  test('agrees with scipy 1.17 on knots at uneven distances', () => {
    const knots = [0, 0.5, 2, 3, 7];
    const values = [1, -1, 2, 0.5, 3];
    const slopes = [...cubicSpline(knots).slopes(values)];
    for (const [i, slope] of [-7.28662, -1.160035, 1.140141, -3.527113, 14.585563].entries()) {
      expect(slopes[i]).toBeCloseTo(slope, 6);
    }
    for (const [x, y] of [
      [0.25, -0.382912],
      [1, -0.60669],
      [2.5, 1.833407],
      [6, -6.256338],
    ] as const) {
      expect(at(knots, values, x)).toBeCloseTo(y, 6);
    }
  });
});
