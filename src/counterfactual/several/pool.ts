/** Pool: allowed points that reach the goal, the cheapest of each way to change: what else could be told besides the best one. */

import type { Features } from '../ground/features.js';
import { effortOf, mostEffort } from './effort.js';

/** A point of an instance that may be kept. */
export interface Reached {
  readonly row: number;
  readonly point: Float32Array;
  /** From the instance. */
  readonly difference: Float32Array;
  /** The measure by which the best is kept. @param best what is no smaller need not be exact. */
  cost(best: number): number;
}

export interface Pooled {
  readonly point: Float32Array;
  readonly difference: Float32Array;
  readonly cost: number;
}

/** Ways that are kept of an instance. */
const mostWays = 256;

export class Pool {
  readonly #features: Features;
  readonly #most: number;
  readonly #known = new Map<number, Map<string, Pooled>>();
  readonly #least = new Map<number, number>();

  constructor(features: Features, most = mostWays) {
    [this.#features, this.#most] = [features, most];
  }

  /** Keeps a point where its way is new, or it costs less than what is known of it. What takes too much effort is not measured. */
  offer({ row, point, difference, cost: measure }: Reached): void {
    const effort = effortOf(this.#features, difference);
    const least = Math.min(effort, this.#least.get(row) ?? Number.POSITIVE_INFINITY);
    this.#least.set(row, least);
    if (effort > mostEffort * least) return;
    const known = this.#known.get(row) ?? new Map<string, Pooled>();
    this.#known.set(row, known);
    const way = wayOf(difference);
    const same = known.get(way);
    const cost = measure(same?.cost ?? Number.POSITIVE_INFINITY);
    if (same && same.cost <= cost) return;
    if (!same && known.size >= this.#most) {
      const [dearest, { cost: most }] = [...known].reduce((a, b) => (b[1].cost > a[1].cost ? b : a));
      if (most <= cost) return;
      known.delete(dearest);
    }
    known.set(way, { point: point.slice(), difference: difference.slice(), cost });
  }

  /** One of each way, the cheapest first. */
  of(row: number): Pooled[] {
    return [...(this.#known.get(row)?.values() ?? [])].sort((a, b) => a.cost - b.cost);
  }
}

/** Which elements go up and which down: points of one way change the same features, and go to the same categories. */
function wayOf(difference: Float32Array): string {
  let way = '';
  difference.forEach((change, i) => {
    if (change !== 0) way += change > 0 ? `${i}+` : `${i}-`;
  });
  return way;
}
