import { describe, expect, test } from 'vitest';
import { lHalf } from '../../src/optim/index.js';

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

describe('l1/2', () => {
  test.each(half)('at lambda %f takes %f to %f', (lambda, z, p) => {
    expect(lHalf.prox(Float32Array.of(z), lambda / 2)[0]).toBeCloseTo(p, 6);
  });
});
