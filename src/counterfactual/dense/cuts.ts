/** cuts: what is known of where a model reaches the goal, from its margins and their gradients at points. */
import type { HalfSpace } from './nearest-within.js';

/** The margin near the point where it was asked: slope x - offset. */
export interface Cut {
  readonly slope: Float64Array;
  readonly offset: number;
}

/** @param slope of the margin at the point. */
export function cutAt(point: ArrayLike<number>, margin: number, slope: Float32Array): Cut {
  const wide = Float64Array.from(slope);
  return { slope: wide, offset: wide.reduce((sum, value, i) => sum + value * point[i]!, -margin) };
}

/** What a cut says the margin is. */
const marginAt = ({ slope, offset }: Cut, point: ArrayLike<number>): number =>
  slope.reduce((sum, value, i) => sum + value * point[i]!, -offset);

const tolerance = 1e-4;

/**
 * The cuts with one more. Of a linear model, whose margin is the largest of linear functions, every cut is a bound from below, and stays;
 * one that says more than the margin turned out to be at the new point is of a part of the model that is linear in another way, and goes.
 * @returns undefined where the new one is known already.
 */
export function withCut(
  cuts: readonly Cut[],
  cut: Cut,
  point: ArrayLike<number>,
  margin: number,
): readonly Cut[] | undefined {
  const size = normOf(cut.slope);
  const isSame = (other: Cut): boolean =>
    normOf(cut.slope.map((value, i) => value - other.slope[i]!)) <= tolerance * size &&
    Math.abs(cut.offset - other.offset) <= tolerance * (size + Math.abs(cut.offset));
  if (cuts.some(isSame)) return undefined;
  return [...cuts.filter((other) => marginAt(other, point) <= margin + tolerance * (1 + Math.abs(margin))), cut];
}

/** Where a cut says that the goal is reached, by `slack` in the distance. */
export const beyond = ({ slope, offset }: Cut, slack: number): HalfSpace => ({
  factors: slope,
  bound: offset - slack * normOf(slope),
});

const normOf = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
