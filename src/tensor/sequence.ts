/** Random numbers one after another, for what takes a number of them that is not known beforehand. */
import type { Random } from './random.js';

export interface Sequence {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform in [0, below). */
  integer(below: number): number;
  /** The next `length` standard normal numbers. */
  normals(length: number): Float32Array;
}

/** How many numbers a sequence has to itself; the next sequence's follow. */
const span = 2 ** 18;

/** The sequence of that index, an integer below 2^35: its numbers are a function of `random` and the index alone. */
export function sequence(random: Random, index: number): Sequence {
  let at = index * span;
  return {
    uniform: () => random.uniform(at++),
    normal: () => random.normal(at++),
    integer: (below) => random.integer(at++, below),
    normals: (length) => random.normals(length, (at += length) - length),
  };
}
