/** What a penalty is: a function that is not smooth, with the proximal step that takes its place beside a gradient. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';

/** Elements between `lower` and `upper`, which hold for all elements or one each; infinities are allowed. */
export interface Box {
  readonly lower: number | Float32Array;
  readonly upper: number | Float32Array;
}

/** One for all elements, or one each; never negative. */
export type StepSize = number | Float32Array;

/** A box within a graph: float32 values that broadcast to z. */
export interface Limits {
  readonly lower: Value;
  readonly upper: Value;
}

export interface Penalty {
  readonly name: string;
  /** g(x); a constraint is 0 where it holds, up to the rounding to float32, and infinite elsewhere. */
  value(x: Float32Array): number;
  /**
   * argmin over p, in the box if there is one, of 1/2 |p - z|^2 + step g(p). Ties go to zero; NaN stays NaN.
   * Steps of one element each weigh its square: sum of (p - z)^2 / (2 step), plus g(p). A constraint is the projection whatever the step.
   * The result is written to `out`, which may be z itself; a fresh array without.
   */
  prox(z: Float32Array, step: StepSize, box?: Box, out?: Float32Array): Float32Array;
  /**
   * `prox` of each row of z, [batch, size], as nodes for loops that run as graphs; `step` is float32 and broadcasts to z, one a row as
   * [batch, 1]. Equal to `prox` up to rounding to float32: where two points are that near to a tie, either may come out, and what
   * float32 cannot square (magnitudes outside of 1e-19 to 1e19) is not told from zero or infinity. Boxes are not checked, and the
   * nodes are not made to be differentiated. Left out where a graph has no short form of it.
   */
  emitProx?(g: Builder, z: Value, step: Value, box?: Limits): Value;
}

/** The number that holds for element `i`. */
export const each = (values: number | Float32Array, i: number): number =>
  typeof values === 'number' ? values : (values[i] as number);

/** A number an element, for loops that are run again and again. */
export const spread = (values: number | Float32Array, size: number): Float32Array =>
  typeof values === 'number' ? new Float32Array(size).fill(values) : values;

/** Never -0, whatever the limits. */
export const clip = (x: number, lower: number, upper: number): number => Math.min(Math.max(x, lower), upper) + 0;

/** No limits; a penalty that treats all boxes alike takes it where none is given. */
export const everywhere: Box = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
