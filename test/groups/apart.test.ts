import { expect, test } from 'vitest';
import { apart } from '../../src/groups/apart.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, input } from '../ops/graphs.js';

test.each([
  ['the same', 2, 2, 0],
  ['a tenth more', 2.2, 2, 0.1],
  ['no number', Number.NaN, 2, Number.POSITIVE_INFINITY],
  ['nothing but zeros', 0, 0, 0],
  ['something where zeros were', 1, 0, Number.POSITIVE_INFINITY],
])('%s', async (_, one, other, expected) => {
  const inputs = new Map([['x', float32([2], Float32Array.of(1, -3))]]);
  const x = input('x', [2]);
  const made = (factor: number) => graphOf([x], (g) => [g.mul(x, g.floats([factor]))]);
  expect(await apart(made(one), made(other), inputs)).toBeCloseTo(expected, 5);
});
