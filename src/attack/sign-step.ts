/** signStep: one step of the same length for all elements, the steepest in the linf norm, within ball and box. */
import type { Victim } from './victim.js';

/** Moves `point` by `length` against the signs of `gradient`; it stays within `eps` of the clean example. */
export function signStep(
  { x, lower, upper, size }: Victim,
  row: number,
  point: Float32Array,
  gradient: Float32Array,
  { length, eps }: { readonly length: number; readonly eps: number },
): void {
  for (let i = 0, at = row * size; i < size; i++, at++) {
    const least = Math.max(lower[at], x[at] - eps);
    const most = Math.min(upper[at], x[at] + eps);
    point[i] = Math.min(most, Math.max(least, point[i] - length * Math.sign(gradient[i])));
  }
}
