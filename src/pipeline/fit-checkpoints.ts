/** Where a long descent is, kept after each epoch: an interrupted one goes on from there, to the same bytes. */
import type { FitProgress } from '../fit/index.js';
import type { Checkpoint, Steps } from '../run/run-directory.js';
import type { Tensor } from '../tensor/tensor.js';

/** Written in turn, so that a whole one is always there. */
const names = ['fit-even', 'fit-odd'] as const;

interface Facts {
  readonly epoch: number;
  readonly step: number;
  readonly best: { readonly epoch: number; readonly loss: number };
  readonly losses: readonly number[];
  readonly judged: readonly number[];
}

export async function keepProgress(run: Steps, { epoch, state, best, losses, judged }: FitProgress): Promise<void> {
  const tensors = new Map<string, Tensor>();
  for (const [name, t] of state.weights) tensors.set(`weight/${name}`, t);
  for (const [name, slots] of state.slots) for (const [i, t] of slots.entries()) tensors.set(`slot${i}/${name}`, t);
  for (const [name, t] of best.weights) tensors.set(`best/${name}`, t);
  const facts: Facts = { epoch, step: state.step, best: { epoch: best.epoch, loss: best.loss }, losses, judged };
  await run.write(names[epoch % 2] as string, tensors, facts);
}

/** The last epoch kept, or undefined. */
export async function progressIn(run: Steps): Promise<FitProgress | undefined> {
  const kept: Checkpoint[] = [];
  for (const name of names) kept.push(...[await run.checkpoint(name)].filter((step) => step !== undefined));
  const [last] = kept.sort((a, b) => (b.facts as Facts).epoch - (a.facts as Facts).epoch);
  if (!last) return undefined;
  const { epoch, step, best, losses, judged } = last.facts as Facts;
  const under = (folder: string): Map<string, Tensor> =>
    new Map(
      [...last.tensors].flatMap(([name, t]) =>
        name.startsWith(folder) ? [[name.slice(folder.length), t] as const] : [],
      ),
    );
  const weights = under('weight/');
  const slots = [...weights.keys()].map((name) => {
    const own: Tensor[] = [];
    for (let t = last.tensors.get(`slot0/${name}`); t; t = last.tensors.get(`slot${own.length}/${name}`)) own.push(t);
    return [name, own] as const;
  });
  return {
    epoch,
    state: { step, weights, slots: new Map(slots) },
    best: { ...best, weights: under('best/') },
    losses,
    judged,
  };
}
