/** Distributions that are drawn by trial: each takes as many numbers of a sequence as it needs. */
import { UserError } from '../errors.js';
import type { Random } from './random.js';
import { type Sequence, sequence } from './sequence.js';

/** A number from Beta(a, b), in [0, 1]: a function of `random` and `index`, an integer below 2^35; throws unless a and b are above 0. */
export const beta = (random: Random, index: number, a: number, b: number): number =>
  nextBeta(sequence(random, index), a, b);

/** The next number from Beta(a, b) of a sequence. */
export function nextBeta(draw: Sequence, a: number, b: number): number {
  if (!(a > 0 && b > 0)) throw new UserError('beta', `expected shapes above 0, got ${a} and ${b}`);
  const first = logGamma(draw, a);
  // gammas of small shapes underflow, their ratio does not
  return 1 / (1 + Math.exp(logGamma(draw, b) - first));
}

/** The next number of |N(0, deviation²)| that is at most `most`. */
export function nextHalfNormal(draw: Sequence, deviation: number, most: number): number {
  let tried = most;
  do tried = Math.abs(draw.normal()) * deviation;
  while (tried > most);
  return tried;
}

/**
 * The logarithm of a number from Gamma(shape, 1): Marsaglia, Tsang, A simple method for generating gamma variables (ACM TOMS 2000).
 * Below shape 1, a number of shape + 1 times a uniform one to the power 1 / shape.
 */
function logGamma(draw: Sequence, shape: number): number {
  if (shape < 1) return logGamma(draw, shape + 1) + logUniform(draw) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const x = draw.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && logUniform(draw) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** Of a number in (0, 1], where it is finite. */
const logUniform = (draw: Sequence): number => Math.log(1 - draw.uniform());
