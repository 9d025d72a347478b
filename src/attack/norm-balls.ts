/** Balls of a norm around an example, for attacks that stay within one: directions, projections, random starts. */
import { l2Ball } from '../optim/penalties/l2-ball.js';
import { rowAt } from '../oracle/packed.js';
import type { Random } from '../tensor/random.js';
import type { Victim } from './victim.js';

export const ballNorms = ['linf', 'l2'] as const;
export type BallNorm = (typeof ballNorms)[number];

/** What an attack within a ball needs to know of its norm; changes are of one example. */
export interface Geometry {
  /** The change of norm 1 that gains most along `slope`, written to `out`; zero for a slope of zero. */
  steepest(slope: Float32Array, out: Float32Array): void;
  /** The nearest change in both ball and box, in place. @param low, high how far the box lets each element go. */
  project(change: Float32Array, radius: number, low: Float32Array, high: Float32Array): void;
  /** A change at random, uniform in the ball. */
  draw(random: Random, radius: number, out: Float32Array): void;
}

export const geometries: Readonly<Record<BallNorm, Geometry>> = {
  linf: {
    steepest(slope, out) {
      for (let i = 0; i < out.length; i++) out[i] = Math.sign(slope[i]);
    },
    project(change, radius, low, high) {
      for (let i = 0; i < change.length; i++)
        change[i] = Math.min(radius, high[i], Math.max(-radius, low[i], change[i]));
    },
    draw(random, radius, out) {
      for (let i = 0; i < out.length; i++) out[i] = radius * (2 * random.uniform(i) - 1);
    },
  },
  l2: {
    steepest(slope, out) {
      const norm = euclidean(slope);
      for (let i = 0; i < out.length; i++) out[i] = norm > 0 ? slope[i] / norm : 0;
    },
    project(change, radius, lower, upper) {
      l2Ball(radius).prox(change, 1, { lower, upper }, change);
    },
    draw(random, radius, out) {
      for (let i = 0; i < out.length; i++) out[i] = random.normal(i);
      const far = (radius * random.uniform(0) ** (1 / out.length)) / euclidean(out);
      for (let i = 0; i < out.length; i++) out[i] *= far;
    },
  },
};

export function euclidean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

export function total(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum;
}

export function largest(values: Float32Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** How far the box lets each element of each example go, packed as `victim.x`. */
export function reachOf({ x, lower, upper }: Victim): { readonly low: Float32Array; readonly high: Float32Array } {
  return { low: x.map((value, i) => lower[i] - value), high: x.map((value, i) => upper[i] - value) };
}

/** The points that changes lead to, packed [rows, size]. @param changes of all examples; rounding takes no point out of the box. */
export function pointsAt(
  { x, lower, upper, size }: Victim,
  changes: Float32Array,
  rows: readonly number[],
): Float32Array {
  const points = new Float32Array(rows.length * size);
  rows.forEach((row, j) => {
    const point = rowAt(points, size, j);
    for (let i = 0, at = row * size; i < size; i++, at++)
      point[i] = Math.min(upper[at], Math.max(lower[at], x[at] + changes[at]));
  });
  return points;
}
