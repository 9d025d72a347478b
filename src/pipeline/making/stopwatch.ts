/** Wall time by stage, for the `timing` of documents. */
import { secondsInRuntime } from '../../runtime/spent.js';

export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
  /** The part of it spent inside the runtime. */
  readonly runtimeSeconds: number;
}

export class Stopwatch {
  readonly #start = performance.now();
  readonly #stages: StageTime[] = [];

  /** Runs `work` and books its time under `stage`. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const [begin, inside] = [performance.now(), secondsInRuntime()];
    try {
      return await work();
    } finally {
      this.#stages.push({ stage, seconds: secondsSince(begin), runtimeSeconds: secondsInRuntime() - inside });
    }
  }

  get stages(): readonly StageTime[] {
    return this.#stages;
  }

  get totalSeconds(): number {
    return secondsSince(this.#start);
  }
}

const secondsSince = (begin: number): number => (performance.now() - begin) / 1000;
