/** Standard scores and their gradient: what all normalisations share. */
import type { Value } from '../ir/types.js';
import type { Tape } from './tape.js';

/** x less its mean, divided by its deviation; `inverse` is one over the deviation, with the reduced axes as ones. */
export interface Scores {
  readonly scores: Value;
  readonly inverse: Value;
}

/** @param axes that mean and (biased) variance are taken over */
export function scoresOf(g: Tape, x: Value, axes: readonly number[], epsilon: number): Scores {
  const centred = g.sub(x, meanOver(g, x, axes));
  const inverse = inverseDeviation(g, meanOver(g, g.mul(centred, centred), axes), epsilon, x);
  return { scores: g.mul(centred, inverse), inverse };
}

/** One over sqrt(variance + epsilon), in the element type of `x`. */
export const inverseDeviation = (g: Tape, variance: Value, epsilon: number, x: Value): Value =>
  g.div(g.num(x, 1), g.op('Sqrt', [g.add(variance, g.num(x, epsilon))]));

/** The cotangent of what was standardised, from that of its scores: dx = inverse (d - mean d - scores mean(d scores)). */
export function unstandardise(g: Tape, d: Value, { scores, inverse }: Scores, axes: readonly number[]): Value {
  const centred = g.sub(d, meanOver(g, d, axes));
  return g.mul(inverse, g.sub(centred, g.mul(scores, meanOver(g, g.mul(d, scores), axes))));
}

export const meanOver = (g: Tape, x: Value, axes: readonly number[]): Value =>
  g.op('ReduceMean', [x, g.ints(axes)], { keepdims: 1 });

/** The axes from `first` up to, not including, `last`. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
