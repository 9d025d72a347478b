/** WeightSearch: how much a loss must weigh beside what is kept small, for one example: grown until it is enough, then bisected. */
export class WeightSearch {
  #low = 0;
  #high = Number.POSITIVE_INFINITY;

  /** @param weight tried first. @param growth by what it is multiplied until it is enough for the first time. */
  constructor(
    public weight: number,
    readonly growth: number,
  ) {}

  /** Whether the weight was enough; sets the next one to try. */
  tell(isEnough: boolean): void {
    if (isEnough) this.#high = Math.min(this.#high, this.weight);
    else this.#low = Math.max(this.#low, this.weight);
    if (this.#high < Number.POSITIVE_INFINITY) this.weight = (this.#low + this.#high) / 2;
    else this.weight *= this.growth;
  }
}
