/** Pool: allowed points that reach the goal, the cheapest of each way to change: what else could be told besides the best one. */

/** A point of an instance that may be kept. */
export interface Reached {
  readonly row: number;
  readonly point: Float32Array;
  /** From the instance. */
  readonly difference: Float32Array;
  /** The measure by which the best is kept. */
  readonly cost: number;
}

/** Ways that are kept of an instance. */
const mostWays = 256;

export class Pool {
  readonly #most: number;
  readonly #known = new Map<number, Map<string, Reached>>();

  constructor(most = mostWays) {
    this.#most = most;
  }

  /** Keeps a point where its way is new, or it costs less than what is known of it. */
  offer(reached: Reached): void {
    const known = this.#known.get(reached.row) ?? new Map<string, Reached>();
    this.#known.set(reached.row, known);
    const way = wayOf(reached.difference);
    const same = known.get(way);
    if (same && same.cost <= reached.cost) return;
    if (!same && known.size >= this.#most) {
      const [dearest, { cost: most }] = [...known].reduce((a, b) => (b[1].cost > a[1].cost ? b : a));
      if (most <= reached.cost) return;
      known.delete(dearest);
    }
    known.set(way, { ...reached, point: reached.point.slice() });
  }

  /** One of each way, the cheapest first. */
  of(row: number): Reached[] {
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
