/** Differences tell a right gradient from a wrong one, and say where they cannot tell. */
import { describe, expect, test } from 'vitest';
import { type Claim, type Difference, takeDifferences } from '../../src/autodiff/differences.js';
import { random } from '../../src/tensor/random.js';

const options = { directions: 3, entries: 3, tolerance: 1e-5, seed: 1 };
const x = Float64Array.from({ length: 20 }, (_, i) => 1 + random(2, 'point').uniform(i));

/** A sum of one-dimensional functions; its gradient times `factor` is what is claimed. */
function claim(f: (x: number, i: number) => number, slope: (x: number, i: number) => number, factor = 1): Claim {
  return {
    dtype: 'float64',
    point: new Map([['x', x]]),
    gradients: new Map([['x', x.map((each, i) => factor * slope(each, i))]]),
    value: async (at) => at.get('x')!.reduce((sum, each, i) => sum + f(each, i), 0),
  };
}

const smooth = [
  (v: number, i: number) => Math.sin(v * (i + 1)),
  (v: number, i: number) => (i + 1) * Math.cos(v * (i + 1)),
] as const;
const counted = (found: readonly Difference[]): readonly Difference[] => found.filter(({ leftOut }) => !leftOut);

describe('differences', () => {
  test('of a smooth function all count, and agree to nine digits', async () => {
    const found = await takeDifferences(claim(...smooth), options);
    expect(counted(found)).toHaveLength(found.length);
    expect(found[0]!.error).toBeLessThan(1e-8);
  });

  test.each([1.01, 0.99, 1.0001, -1, 0])('see a gradient that is wrong by the factor %s', async (factor) => {
    const found = await takeDifferences(claim(...smooth, factor), options);
    expect(counted(found)).toHaveLength(found.length);
    expect(found[0]!.error).toBeGreaterThan(options.tolerance);
  });

  test('see one wrong entry among twenty', async () => {
    const wrong = claim(smooth[0], (v, i) => smooth[1](v, i) * (i === 19 ? 1.01 : 1));
    const found = await takeDifferences(wrong, options);
    expect(found[0]).toMatchObject({ of: 'x', along: 'entry', entry: 19 });
    expect(found[0]!.error).toBeCloseTo(0.01 / 1.01, 3);
  });

  test('leave out a kink at the point, however it is resolved', async () => {
    const kinked = claim(
      (v, i) => Math.abs(v - x[i]!),
      () => 1,
    );
    expect(new Set((await takeDifferences(kinked, options)).map(({ leftOut }) => leftOut))).toEqual(new Set(['kink']));
  });

  test('leave out what rounding hides', async () => {
    const hidden = claim((v, i) => 1e12 + smooth[0](v, i), smooth[1]);
    expect(new Set((await takeDifferences(hidden, options)).map(({ leftOut }) => leftOut))).toEqual(new Set(['noise']));
  });

  test('count a function that does not move where the gradient is zero, and as wrong where it is not', async () => {
    const flat = (slope: number): Claim =>
      claim(
        () => 7,
        () => slope,
      );
    expect(counted(await takeDifferences(flat(0), options)).map(({ error }) => error)).toContain(0);
    expect((await takeDifferences(flat(1), options))[0]!.error).toBe(1);
  });

  test('count what is not finite as wrong', async () => {
    const found = await takeDifferences(
      claim(
        () => Number.NaN,
        () => 1,
      ),
      options,
    );
    expect(counted(found).map(({ error }) => error)).toEqual(found.map(() => Number.POSITIVE_INFINITY));
  });
});
