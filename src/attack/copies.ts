/** Copies: copies of one clean example, one after the other, to be changed in place and asked about together. */
export class Copies {
  /** As many as there had best be at once: of what all searches ask, one array is made. */
  readonly most: number;
  readonly #clean: Float32Array;
  readonly #all: Float32Array;
  #count = 0;

  constructor(clean: Float32Array) {
    this.most = Math.max(1, Math.min(64, Math.floor(2 ** 18 / clean.length)));
    this.#clean = clean;
    this.#all = new Float32Array(this.most * clean.length);
  }

  /** Starts again with none. */
  reset(): void {
    this.#count = 0;
  }

  /** One more. */
  next(): Float32Array {
    const { length } = this.#clean;
    const point = this.#all.subarray(this.#count * length, ++this.#count * length);
    point.set(this.#clean);
    return point;
  }

  /** Those since the start, packed. */
  get points(): Float32Array {
    return this.#all.subarray(0, this.#count * this.#clean.length);
  }
}
