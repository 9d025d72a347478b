/** The step sizes of Auto-PGD: when they are looked at, and when they are halved. */

/** The share of steps between checkpoints that must have helped. */
const enough = 0.75;

/** Steps at which the step size is looked at: per cents of all, each interval shorter by 3 and none below 6. */
export function checkpoints(steps: number): number[] {
  const found: number[] = [];
  for (let [at, interval] = [22, 22]; at <= 100; at += interval) {
    found.push(Math.ceil((at * steps) / 100));
    interval = Math.max(interval - 3, 6);
  }
  return found;
}

/** One descent's step sizes, and the objective by which they are judged, of each example. */
export class StepSizes {
  readonly #sizes: Float64Array;
  readonly #last: Float64Array;
  readonly #least: Float64Array;
  /** Steps that lowered the objective since the last checkpoint. */
  readonly #helped: Uint32Array;
  /** As it was at the last checkpoint. */
  readonly #leastThen: Float64Array;
  readonly #halvedThen: Uint8Array;

  /** @param first step sizes. */
  constructor(first: Float64Array) {
    this.#sizes = Float64Array.from(first);
    this.#last = new Float64Array(first.length).fill(Number.POSITIVE_INFINITY);
    this.#least = Float64Array.from(this.#last);
    this.#leastThen = Float64Array.from(this.#last);
    this.#helped = new Uint32Array(first.length);
    this.#halvedThen = new Uint8Array(first.length);
  }

  of(row: number): number {
    return this.#sizes[row];
  }

  /** Takes the objective after a step. @returns whether it is the least so far. */
  see(row: number, value: number): boolean {
    const isFirst = this.#last[row] === Number.POSITIVE_INFINITY;
    if (isFirst) this.#leastThen[row] = value;
    else if (value < this.#last[row]) this.#helped[row]++;
    this.#last[row] = value;
    if (!(value < this.#least[row])) return false;
    this.#least[row] = value;
    return true;
  }

  /**
   * At a checkpoint, `interval` steps after the last: halves the step if too few steps have helped, or if nothing was gained with a
   * step that was kept last time. @returns whether it did.
   */
  check(row: number, interval: number): boolean {
    const isStuck = !this.#halvedThen[row] && this.#least[row] === this.#leastThen[row];
    const isTooLarge = this.#helped[row] < enough * interval || isStuck;
    this.#leastThen[row] = this.#least[row];
    this.#halvedThen[row] = Number(isTooLarge);
    this.#helped[row] = 0;
    if (isTooLarge) this.#sizes[row] /= 2;
    return isTooLarge;
  }
}
