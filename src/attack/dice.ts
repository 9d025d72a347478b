/** Dice: random numbers of one search, one after the other. */
import type { Random } from '../tensor/random.js';

export interface Dice {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform in [0, below). */
  integer(below: number): number;
  /** -1 or 1. */
  sign(): number;
}

export function diceOf(random: Random): Dice {
  let at = 0;
  return {
    uniform: () => random.uniform(at++),
    normal: () => random.normal(at++),
    integer: (below) => random.integer(at++, below),
    sign: () => (random.uniform(at++) < 0.5 ? -1 : 1),
  };
}

/** Brings `count` of `items[from..to)`, drawn at random, to their front. */
export function drawToFront(items: Uint32Array, from: number, to: number, count: number, dice: Dice): void {
  for (let i = from; i < from + count; i++) {
    const j = i + dice.integer(to - i);
    [items[i], items[j]] = [items[j], items[i]];
  }
}
