/** Where a long descent is, kept between epochs: an interrupted one goes on from there, to the same bytes. */
import type { FitProgress } from '../../fit/index.js';
import type { Checkpoint, Steps } from '../../run/run-directory.js';
import { dataOf, memoryPayload, type Tensor, tensor } from '../../tensor/tensor.js';

/** Epochs shorter than this are done again after a break sooner than they are written. */
const secondsBetween = 5;

interface Facts {
  readonly epoch: number;
  readonly step: number;
  readonly best: { readonly epoch: number; readonly loss: number };
}

/** Of one descent; several in one run directory have names of their own. */
export class FitCheckpoints {
  readonly #run: Steps;
  /** Written in turn, so that a whole one is always there. */
  readonly #names: [next: string, last: string];
  #since = performance.now();

  /** @param name of the step that the descent ends in. */
  constructor(run: Steps, name: string) {
    this.#run = run;
    this.#names = [`${name}-even`, `${name}-odd`];
  }

  /** The last epoch kept, or undefined. */
  async last(): Promise<FitProgress | undefined> {
    const kept: { name: string; step: Checkpoint }[] = [];
    for (const name of this.#names) {
      const step = await this.#run.checkpoint(name);
      if (step) kept.push({ name, step });
    }
    const [last] = kept.sort((a, b) => (b.step.facts as Facts).epoch - (a.step.facts as Facts).epoch);
    if (!last) return undefined;
    if (last.name === this.#names[0]) this.#names.reverse();
    return progressOf(last.step);
  }

  /** Keeps an epoch, where the last one was kept long enough ago. */
  async keep(progress: FitProgress): Promise<void> {
    if (performance.now() - this.#since < secondsBetween * 1000) return;
    const { epoch, state, best } = progress;
    const facts: Facts = { epoch, step: state.step, best: { epoch: best.epoch, loss: best.loss } };
    await this.#run.write(this.#names[0], tensorsOf(progress), facts);
    this.#names.reverse();
    this.#since = performance.now();
  }

  /** What was kept serves nothing once the descent's own step is written. */
  clear(): void {
    for (const name of this.#names) this.#run.remove(name);
  }
}

function tensorsOf({ state, best, losses, judged }: FitProgress): Map<string, Tensor> {
  const tensors = new Map([
    ['losses', numbers(losses)],
    ['judged', numbers(judged)],
  ]);
  for (const [name, t] of state.weights) tensors.set(`weight/${name}`, t);
  for (const [name, slots] of state.slots) for (const [i, t] of slots.entries()) tensors.set(`slot${i}/${name}`, t);
  for (const [name, t] of best.weights) tensors.set(`best/${name}`, t);
  return tensors;
}

function progressOf({ tensors, facts }: Checkpoint): FitProgress {
  const { epoch, step, best } = facts as Facts;
  const held = new Map([...tensors].map(([name, t]) => [name, inMemory(t)]));
  const under = (folder: string): Map<string, Tensor> =>
    new Map(
      [...held].flatMap(([name, t]) => (name.startsWith(folder) ? [[name.slice(folder.length), t] as const] : [])),
    );
  const weights = under('weight/');
  const slots = [...weights.keys()].map((name) => {
    const own: Tensor[] = [];
    for (let t = held.get(`slot0/${name}`); t; t = held.get(`slot${own.length}/${name}`)) own.push(t);
    return [name, own] as const;
  });
  return {
    epoch,
    state: { step, weights, slots: new Map(slots) },
    best: { ...best, weights: under('best/') },
    losses: Array.from(dataOf(held.get('losses')!), Number),
    judged: Array.from(dataOf(held.get('judged')!), Number),
  };
}

/** Its file is written over while the descent goes on. */
const inMemory = (t: Tensor): Tensor => ({ ...t, payload: memoryPayload(t.payload.read()) });

/** JSON would lose losses that are not numbers. */
const numbers = (values: readonly number[]): Tensor => tensor('float64', [values.length], Float64Array.from(values));
