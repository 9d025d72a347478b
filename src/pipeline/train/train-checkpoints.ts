/** Where a training is, kept between judgements: an interrupted one goes on from there, to the same bytes. */
import type { Checkpoint, Steps } from '../../run/run-directory.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { CurvePoint, Kept, TrainProgress } from '../../train/train.js';

/** Judgements closer together than this are not all written. */
const secondsBetween = 5;

interface Facts {
  readonly step: number;
  readonly waited: number;
  readonly curve: readonly CurvePoint[];
  readonly best: Omit<Kept, 'weights'>;
}

export class TrainCheckpoints {
  readonly #run: Steps;
  /** Written in turn, so that a whole one is always there. */
  readonly #names: [next: string, last: string];
  #since = performance.now();

  /** @param name of the step that the training ends in. */
  constructor(run: Steps, name: string) {
    this.#run = run;
    this.#names = [`${name}-even`, `${name}-odd`];
  }

  async last(): Promise<TrainProgress | undefined> {
    const kept: { name: string; checkpoint: Checkpoint }[] = [];
    for (const name of this.#names) {
      const checkpoint = await this.#run.checkpoint(name);
      if (checkpoint) kept.push({ name, checkpoint });
    }
    const [last] = kept.sort((a, b) => stepOf(b.checkpoint) - stepOf(a.checkpoint));
    if (!last) return undefined;
    if (last.name === this.#names[0]) this.#names.reverse();
    return progressOf(last.checkpoint);
  }

  async keep(progress: TrainProgress): Promise<void> {
    if (performance.now() - this.#since < secondsBetween * 1000) return;
    await writeProgress(this.#run, this.#names[0], progress);
    this.#names.reverse();
    this.#since = performance.now();
  }

  /** What was kept serves nothing once the training's own step is written. */
  clear(): void {
    for (const name of this.#names) this.#run.remove(name);
  }
}

export async function writeProgress(run: Steps, name: string, progress: TrainProgress): Promise<void> {
  const { best, curve, state, waited } = progress;
  const { weights: _, ...judged } = best;
  const facts: Facts = { step: state.step, waited, curve, best: judged };
  await run.write(name, tensorsOf(progress), facts);
}

const stepOf = ({ facts }: Checkpoint): number => (facts as Facts).step;

function tensorsOf({ state, best }: TrainProgress): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, t] of state.weights) tensors.set(`weight/${name}`, t);
  for (const [name, slots] of state.slots) for (const [i, t] of slots.entries()) tensors.set(`slot${i}/${name}`, t);
  for (const [name, t] of state.carried ?? []) tensors.set(`carried/${name}`, t);
  for (const [name, t] of best.weights) tensors.set(`best/${name}`, t);
  return tensors;
}

export function progressOf({ tensors, facts }: Checkpoint): TrainProgress {
  const { step, waited, curve, best } = facts as Facts;
  const under = (prefix: string): Map<string, Tensor> =>
    new Map(
      [...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, t]) => [name.slice(prefix.length), t]),
    );
  const weights = under('weight/');
  const slots = new Map([...weights.keys()].map((name): [string, Tensor[]] => [name, []]));
  for (let i = 0; ; i++) {
    const found = under(`slot${i}/`);
    if (found.size === 0) break;
    for (const [name, t] of found) slots.get(name)!.push(t);
  }
  return {
    state: { step, weights, slots, carried: under('carried/') },
    best: { ...best, weights: under('best/') },
    curve,
    waited,
  };
}
