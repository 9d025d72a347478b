/** The prices of gse around one changed pixel, as the specification has them. */
import { describe, expect, test } from 'vitest';
import { adjustPrices } from '../../src/attack/gse-prices.js';
import { spaceOf } from '../../src/oracle/space.js';

const space = spaceOf([3, 32, 32]);

/** By what the price of the pixel so far from the changed one was divided. */
function divisorAt(down: number, right: number, centre = 16): number {
  const prices = new Float32Array(space.positions).fill(1);
  const change = new Float32Array(space.size);
  change[space.positions + centre * 32 + centre] = -0.3;
  adjustPrices(prices, change, space, 0.25);
  return 1 / prices[(centre + down) * 32 + centre + right]!;
}

describe('a changed pixel inside', () => {
  test.each([
    [0, 0, 1.085312],
    [0, 1, 1.068312],
    [-1, 0, 1.068312],
    [1, 1, 1.0547],
    [2, 2, 1.014419],
    [-2, 2, 1.014419],
    [3, 0, 0.25],
    [10, 10, 0.25],
  ])('%i down and %i to the right: %f', (down, right, divisor) => {
    expect(divisorAt(down, right)).toBeCloseTo(divisor, 5);
  });
});

test('at the border what would fall outside is reflected', () => {
  expect(divisorAt(0, 0, 0)).toBeCloseTo(1 + 0.292082 ** 2, 5);
  // two to the left of the second column is the second column again
  expect(divisorAt(1, 0, 1)).toBeCloseTo(1 + 0.233881 * (0.292082 + 0.120078), 5);
});

test('nothing changed: every price rises', () => {
  const prices = new Float32Array(space.positions).fill(1);
  adjustPrices(prices, new Float32Array(space.size), space, 0.25);
  expect(new Set(prices)).toEqual(new Set([4]));
});

test('prices stay finite', () => {
  const prices = new Float32Array(space.positions).fill(1e30);
  adjustPrices(prices, new Float32Array(space.size), space, 0.001);
  expect(prices.every(Number.isFinite)).toBe(true);
});
