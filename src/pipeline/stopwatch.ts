/** Wall time by stage, for the `timing` of documents. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #stages: { stage: string; seconds: number }[] = [];

  /** Runs `work` and books its time under `stage`. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.#stages.push({ stage, seconds: secondsSince(begin) });
    }
  }

  get stages(): readonly { readonly stage: string; readonly seconds: number }[] {
    return this.#stages;
  }

  get totalSeconds(): number {
    return secondsSince(this.#start);
  }
}

const secondsSince = (begin: number): number => (performance.now() - begin) / 1000;
