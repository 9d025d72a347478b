/** What a trial is told of its examples, and what it tells of the points that are tried. */
import type { Objective } from './objectives.js';
import type { Context } from './oracle.js';
import type { Space } from './space.js';
import type { Trial } from './trial.js';

export interface TrialFacts {
  readonly space: Space;
  /** Examples as they are, in the method's range, packed [count, size]. */
  readonly x: Float32Array;
  /** Of each element of each example. Where they are equal, the element does not move. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  readonly context: Context;
  readonly aim: Aim;
  /** By it the best is kept, the smaller the better. */
  readonly measure: (tried: Tried) => number;
  /** Whether a point with that value of the objective is surely no better than a best of that measure: then it is not measured. */
  readonly isWorse?: ((objective: Objective, value: number, best: number) => boolean) | undefined;
  /** Whether a point in the box may be kept at all; default: every one. */
  readonly accepts?: ((point: Float32Array, row: number) => boolean) | undefined;
  readonly seed: number;
  /** What the random numbers are for: other methods draw others. */
  readonly purpose: string;
  /** Numbers of the examples in the data: random choices hang on them and not on the batch. */
  readonly ids: readonly number[];
  readonly limits?: Limits;
  readonly signal?: AbortSignal | undefined;
  /** Told after every call of the model. */
  readonly onCall?: (trial: Trial) => void;
}

export interface Limits {
  /** Forward passes an example. */
  readonly queries?: number | undefined;
  /** Of wall time, an example. */
  readonly seconds?: number | undefined;
}

/** A point that reaches the goal of example `row`. */
export interface Tried {
  /** From the example as it is, [channels, positions]; of the next point it is overwritten. */
  readonly difference: Float32Array;
  readonly point: Float32Array;
  readonly row: number;
  /** The measure of the best so far: what is no smaller need not be exact. */
  readonly best: number;
  /** Where the point was asked about for its slope: of what, and its value in float32. */
  readonly objective?: Objective | undefined;
  readonly value?: number | undefined;
}

/** When an example has reached its goal. */
export interface Aim {
  /** Negative where the goal is reached. @param scores of one point: logits of classes, or the numbers that a regressor gives. */
  margin(scores: Float32Array, row: number): number;
}

/** Thrown where every example asked about has spent its limit: ends a method early, its finds are kept. */
export class LimitReached extends Error {}

/** Scores of some examples, and what they mean for the goal. */
export interface Judged {
  readonly logits: Float32Array;
  /** Negative where the goal is reached. */
  readonly margins: Float32Array;
}

export interface JudgedSlopes extends Judged {
  /** Zero where an element cannot move. */
  readonly gradients: Float32Array;
  /** The objective of each row. */
  readonly values: Float32Array;
}

/** What a point is asked about for: to be kept, to steer by, or as another that would do: allowed, but not what the method settles on. */
export type Use = 'candidate' | 'guide' | 'spare';
