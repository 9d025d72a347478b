/** Subjects: the examples that are attacked: those that the model gets right, as attacks see them. */
import { pickRows } from '../data/rows.js';
import type { Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import type { Network } from '../oracle/network.js';
import { concatenated } from '../oracle/packed.js';
import { channelsFirst } from '../oracle/space.js';
import { memoryPayload, type Tensor } from '../tensor/tensor.js';

export interface Subjects {
  readonly count: number;
  /** Their numbers in the data. */
  readonly ids: readonly number[];
  /** In the input's units, packed [count, channels, positions]. */
  readonly inputs: Float32Array;
  /** What the model says of each, which is what the data say. */
  readonly labels: Int32Array;
  readonly logits: Float32Array;
  /** What else the model is fed, by input name, a row a subject. */
  readonly others: ReadonlyMap<string, Tensor>;
  /** Looked at in all, and those of them that the model gets wrong. */
  readonly looked: number;
  readonly misclassified: readonly number[];
}

export interface SubjectOptions {
  /** At most so many. */
  readonly most?: number | undefined;
  /** Those of part `index` of `parts`, counted from 0, dealt one by one. */
  readonly chunk?: { readonly index: number; readonly parts: number } | undefined;
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
}

/** Logits of clean inputs, with the model as it is: packed [rows, classes]. */
export type Ask = (inputs: Float32Array, rows: number, others: ReadonlyMap<string, Tensor>) => Promise<Float32Array>;

/**
 * Where the data have no labels, the model's own word is the label of each sample.
 * @throws UserError when there is a label beyond the model's classes, a NaN, or nothing that the model gets right.
 */
export async function findSubjects(
  network: Network,
  samples: Samples,
  ask: Ask,
  { most = Number.POSITIVE_INFINITY, chunk, batch, signal }: SubjectOptions,
): Promise<Subjects> {
  const { classes, space } = network;
  const { labels } = samples;
  const bad = labels?.findIndex((label) => label < 0 || label >= classes) ?? -1;
  if (bad >= 0)
    throw new UserError(
      'attack',
      `expected labels below ${classes}, the model's classes, got ${labels![bad]} for sample ${bad}; choose other data or another --scores`,
    );
  const kept: { id: number; input: Float32Array; label: number; logits: Float32Array; others: Map<string, Tensor> }[] =
    [];
  const misclassified: number[] = [];
  const step = samples.fixedBatch ?? batch;
  const isOwn = (place: number): boolean => !chunk || place % chunk.parts === chunk.index;
  let [looked, right] = [0, 0];
  // all parts of a run look for the same subjects and take their own
  for (let from = 0; from < samples.count && right < most; from += step) {
    signal?.throwIfAborted();
    const to = Math.min(samples.count, from + step);
    const fed = samples.batch(from, to);
    const raw = await network.clean(fed);
    const inputs = space.channelsLast ? channelsFirst(raw, space) : raw;
    const others = new Map(
      [...fed].filter(([{ name }]) => name !== network.moving.name).map(([{ name }, array]) => [name, array]),
    );
    const logits = await ask(inputs, inputs.length / space.size, others);
    for (let i = 0; from + i < to && right < most; i++) {
      const id = from + i;
      const scores = logits.slice(i * classes, (i + 1) * classes);
      if (scores.some(Number.isNaN))
        throw new UserError(
          'attack',
          `expected numbers from the model, got NaN for sample ${id}; look for NaN or overflow in both`,
        );
      looked++;
      const said = largest(scores);
      if (labels && labels[id] !== said) {
        misclassified.push(id);
        continue;
      }
      if (!isOwn(right++)) continue;
      const rows = new Map([...others].map(([name, array]) => [name, pickRows(array, Uint32Array.of(i))]));
      kept.push({
        id,
        input: inputs.slice(i * space.size, (i + 1) * space.size),
        label: said,
        logits: scores,
        others: rows,
      });
    }
  }
  if (right === 0)
    throw new UserError(
      'attack',
      `expected a sample that the model gets right, got none among ${looked}; check labels, preprocessing and --scores with scalpel eval`,
    );
  if (kept.length === 0)
    throw new UserError(
      '--chunk',
      `expected at most ${right} parts, as many as there are samples, got ${chunk!.parts}; take fewer`,
    );
  return {
    count: kept.length,
    ids: kept.map(({ id }) => id),
    inputs: concatenated(kept.map(({ input }) => input)),
    labels: Int32Array.from(kept, ({ label }) => label),
    logits: concatenated(kept.map((each) => each.logits)),
    others: stacked(kept.map((each) => each.others)),
    looked,
    misclassified,
  };
}

/** Of equal ones the first. */
export function largest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

function stacked(rows: readonly ReadonlyMap<string, Tensor>[]): ReadonlyMap<string, Tensor> {
  return new Map(
    [...(rows[0]?.keys() ?? [])].map((name) => {
      const parts = rows.map((row) => row.get(name)!);
      const { dtype, shape } = parts[0]!;
      const bytes = Buffer.concat(parts.map(({ payload }) => payload.read()));
      return [name, { dtype, shape: [parts.length, ...shape.slice(1)], payload: memoryPayload(bytes) }];
    }),
  );
}
