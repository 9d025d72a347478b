/** Where a long work is, kept as it goes: an interrupted one goes on from there, to the same bytes. */
import { memoryPayload, type Tensor } from '../tensor/tensor.js';
import type { Checkpoint, Steps } from './run-directory.js';

/** How the state of a work is written and read. */
export interface StateForm<T> {
  pack(state: T): { readonly tensors: ReadonlyMap<string, Tensor>; readonly facts: unknown };
  unpack(kept: Checkpoint): T;
  /** How far it is, from the facts: larger for later. */
  order(facts: unknown): number;
}

/** What takes less than this is done again after a break sooner than it is written. */
const secondsBetween = 5;

/** Of one work; several in one run directory have names of their own. */
export class AlternatingCheckpoints<T> {
  readonly #run: Steps;
  readonly #form: StateForm<T>;
  /** Written in turn, so that a whole one is always there. */
  readonly #names: [next: string, last: string];
  #since = performance.now();

  /** @param name of the step that the work ends in. */
  constructor(run: Steps, name: string, form: StateForm<T>) {
    this.#run = run;
    this.#form = form;
    this.#names = [`${name}-even`, `${name}-odd`];
  }

  /** The last state kept, or undefined. */
  async last(): Promise<T | undefined> {
    const kept: { name: string; step: Checkpoint }[] = [];
    for (const name of this.#names) {
      const step = await this.#run.checkpoint(name);
      if (step) kept.push({ name, step });
    }
    const [last] = kept.sort((a, b) => this.#form.order(b.step.facts) - this.#form.order(a.step.facts));
    if (!last) return undefined;
    if (last.name === this.#names[0]) this.#names.reverse();
    return this.#form.unpack(inMemory(last.step));
  }

  /** Keeps a state, where the last one was kept long enough ago. */
  async keep(state: T): Promise<void> {
    if (performance.now() - this.#since < secondsBetween * 1000) return;
    const { tensors, facts } = this.#form.pack(state);
    await this.#run.write(this.#names[0], tensors, facts);
    this.#names.reverse();
    this.#since = performance.now();
  }

  /** What was kept serves nothing once the work's own step is written. */
  clear(): void {
    for (const name of this.#names) this.#run.remove(name);
  }
}

/** Files of checkpoints are written over and removed while the work goes on. */
export const inMemory = ({ tensors, facts }: Checkpoint): Checkpoint => ({
  tensors: new Map([...tensors].map(([name, t]) => [name, { ...t, payload: memoryPayload(t.payload.read()) }])),
  facts,
});
