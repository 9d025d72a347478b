/** TanhSpace: points of a box as hyperbolic tangents of numbers that may be anything. */
import type { Victim } from './victim.js';

/** An end of the box is at infinity: a clean element that stands there starts this share of half the box before it. */
const short = 1e-6;

/** All examples of a victim; `at` is an element's index in `victim.x`. */
export class TanhSpace {
  /** Where the numbers lead. Elements that have not moved are the clean ones. */
  readonly points: Float32Array;
  readonly #victim: Victim;
  readonly #numbers: Float64Array;
  readonly #tanhs: Float64Array;
  readonly #first: Float64Array;

  constructor(victim: Victim) {
    const { x, lower, upper } = victim;
    this.#victim = victim;
    this.points = new Float32Array(x);
    this.#numbers = new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) {
      const half = (upper[i] - lower[i]) / 2;
      if (half > 0) this.#numbers[i] = Math.atanh(((1 - short) * (x[i] - lower[i] - half)) / half);
    }
    this.#first = this.#numbers.map(Math.tanh);
    this.#tanhs = this.#first.slice();
  }

  /** How far an element is from where it started. */
  change(at: number): number {
    return this.#half(at) * (this.#tanhs[at] - this.#first[at]);
  }

  /** By how much an element moves when its number does. */
  slope(at: number): number {
    return this.#half(at) * (1 - this.#tanhs[at] * this.#tanhs[at]);
  }

  /** Adds to an element's number. */
  move(at: number, by: number): void {
    const { x, lower, upper } = this.#victim;
    this.#numbers[at] += by;
    const tanh = Math.tanh(this.#numbers[at]);
    this.#tanhs[at] = tanh;
    const half = this.#half(at);
    const moved = Math.min(upper[at], Math.max(lower[at], lower[at] + half + half * tanh));
    this.points[at] = tanh === this.#first[at] ? x[at] : moved;
  }

  #half(at: number): number {
    return (this.#victim.upper[at] - this.#victim.lower[at]) / 2;
  }
}
