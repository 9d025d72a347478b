/** Readings: samples as methods see them, with what the model says of each. */
import { pickRows } from '../data/rows.js';
import type { Samples } from '../data/samples.js';
import { UserError } from '../errors.js';
import { memoryPayload, type Tensor } from '../tensor/tensor.js';
import type { Network } from './network.js';
import type { Oracle } from './oracle.js';
import { concatenated } from './packed.js';
import { channelsFirst } from './space.js';

export interface Reading {
  /** The sample's number in the data. */
  readonly id: number;
  /** In the input's units, [channels, positions]. */
  readonly input: Float32Array;
  readonly logits: Float32Array;
  /** What else the model is fed, by input name, a row each. */
  readonly others: ReadonlyMap<string, Tensor>;
}

/** Readings side by side. */
export interface Readings {
  readonly count: number;
  readonly ids: readonly number[];
  /** Packed [count, channels, positions]. */
  readonly inputs: Float32Array;
  readonly logits: Float32Array;
  readonly others: ReadonlyMap<string, Tensor>;
}

/** Logits of inputs, with the model as it is: packed [rows, classes]. */
export type Ask = (inputs: Float32Array, rows: number, others: ReadonlyMap<string, Tensor>) => Promise<Float32Array>;

/** @param model answers for inputs as they are. */
export const asking =
  (model: Oracle): Ask =>
  (points, rows, others) => {
    const none = new Int32Array(rows);
    const samples = Array.from({ length: rows }, (_, i) => i);
    return model.scores({ points, samples }, { targeted: true, labels: none, goals: none, others });
  };

/** What else the model is fed, for some of the rows. */
export const othersAt = (others: ReadonlyMap<string, Tensor>, rows: readonly number[]): Map<string, Tensor> =>
  new Map([...others].map(([name, array]) => [name, pickRows(array, Uint32Array.from(rows))]));

/** All samples in order, asked about `batch` at a time. @throws UserError where the model gives a NaN. */
export async function* readingsOf(
  network: Network,
  samples: Samples,
  ask: Ask,
  { batch, signal }: { readonly batch: number; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Reading> {
  const { classes, space } = network;
  const step = samples.fixedBatch ?? batch;
  for (let from = 0; from < samples.count; from += step) {
    signal?.throwIfAborted();
    const to = Math.min(samples.count, from + step);
    const fed = samples.batch(from, to);
    const raw = await network.clean(fed);
    const inputs = space.channelsLast ? channelsFirst(raw, space) : raw;
    const others = new Map(
      [...fed].filter(([{ name }]) => name !== network.moving.name).map(([{ name }, array]) => [name, array]),
    );
    const logits = await ask(inputs, inputs.length / space.size, others);
    for (let i = 0; from + i < to; i++) {
      const scores = logits.slice(i * classes, (i + 1) * classes);
      if (scores.some(Number.isNaN))
        throw new UserError(
          'model',
          `expected numbers from the model, got NaN for sample ${from + i}; look for NaN or overflow in both`,
        );
      yield {
        id: from + i,
        input: inputs.slice(i * space.size, (i + 1) * space.size),
        logits: scores,
        others: othersAt(others, [i]),
      };
    }
  }
}

export const sideBySide = (readings: readonly Reading[]): Readings => ({
  count: readings.length,
  ids: readings.map(({ id }) => id),
  inputs: concatenated(readings.map(({ input }) => input)),
  logits: concatenated(readings.map((each) => each.logits)),
  others: stacked(readings.map((each) => each.others)),
});

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

/** Of equal ones the first. */
export function largest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}
