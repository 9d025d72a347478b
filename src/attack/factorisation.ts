/** A change of one example as sizes times a mask, with the slopes of the loss along either, and the pace at which both move. */
import { carliniWagner } from '../oracle/objectives.js';
import { type Course, ofPoint, type PointAnswer } from './side-by-side.js';
import type { Use } from './victim.js';

/** One example in its box. */
export interface Boxed {
  readonly x: Float32Array;
  readonly lower: Float32Array;
  readonly upper: Float32Array;
}

const hinge = carliniWagner();

/** The loss where sizes times mask, cut to the box, has led; its gradient is zero where the box cuts. */
export function* factored(
  { x, lower, upper }: Boxed,
  sizes: Float32Array,
  mask: Float32Array,
  use: Use,
  isSlope = true,
): Course<PointAnswer> {
  const point = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) point[i] = Math.min(upper[i]!, Math.max(lower[i]!, x[i]! + sizes[i]! * mask[i]!));
  const answer = ofPoint(yield { points: point, use, ...(isSlope && { objective: hinge }) });
  const { gradient } = answer;
  for (let i = 0; i < gradient.length; i++) {
    const value = Math.fround(x[i]! + sizes[i]! * mask[i]!);
    if (value < lower[i]! || value > upper[i]!) gradient[i] = 0;
  }
  return answer;
}

/** A step size, and how often it was taken. */
export interface Pace {
  size: number;
  taken: number;
}

/** Every fifty steps they become a tenth shorter, down to a thousandth. */
export function pass(pace: Pace): void {
  pace.taken++;
  if (pace.taken % 50 === 0) pace.size = Math.max(0.9 * pace.size, Math.min(pace.size, 1e-3));
}
