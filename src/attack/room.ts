/** Room: between what numbers each element may lie when none may change by more than a limit. */
import type { Victim } from './victim.js';

export interface Room {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** The box, cut to what lies within `limit` of the clean examples. */
export const roomOf = ({ x, lower, upper }: Victim, limit: number): Room => ({
  low: x.map((value, i) => Math.max(lower[i]!, value - limit)),
  high: x.map((value, i) => Math.min(upper[i]!, value + limit)),
});
