/** The steps of a run directory for a job that must write nothing: they are forgotten with it. */
import type { Checkpoint, Steps } from '../../run/run-directory.js';
import type { Tensor } from '../../tensor/tensor.js';

export class StepsInMemory implements Steps {
  readonly path = 'memory';
  readonly #kept = new Map<string, Checkpoint>();

  /** @param onWrite told of every step when it is finished. */
  constructor(private readonly onWrite: (name: string, step: Checkpoint) => void = () => {}) {}

  async checkpoint(name: string): Promise<Checkpoint | undefined> {
    return this.#kept.get(name);
  }

  finished(name: string): Checkpoint {
    return this.#kept.get(name) as Checkpoint;
  }

  remove(name: string): void {
    this.#kept.delete(name);
  }

  async write(name: string, tensors: ReadonlyMap<string, Tensor>, facts: unknown): Promise<Checkpoint> {
    const step = { tensors, facts };
    this.#kept.set(name, step);
    this.onWrite(name, step);
    return step;
  }

  async remember<T>(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name);
    return (known ?? (await this.write(name, new Map(), await work()))).facts as T;
  }

  log(): void {}
}
