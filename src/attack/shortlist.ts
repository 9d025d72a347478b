/** Shortlist: the ids with the smallest values of all that were seen, in order. */
export class Shortlist {
  readonly ids: Uint32Array;
  readonly #values: Float64Array;
  count = 0;

  constructor(most: number) {
    this.ids = new Uint32Array(most);
    this.#values = new Float64Array(most);
  }

  /** The smallest value; infinite where nothing was seen. */
  get least(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.#values[0];
  }

  /** Of equal values the first seen comes first. */
  see(id: number, value: number): void {
    const most = this.ids.length;
    if (this.count === most && !(value < this.#values[most - 1])) return;
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    if (this.count < most) this.count++;
    this.ids.copyWithin(low + 1, low, this.count - 1);
    this.#values.copyWithin(low + 1, low, this.count - 1);
    this.ids[low] = id;
    this.#values[low] = value;
  }

  equals(other: Shortlist): boolean {
    return this.count === other.count && this.ids.every((id, i) => id === other.ids[i]);
  }
}
