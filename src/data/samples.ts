/** Samples: what a model is fed, whatever the files were. Everything that runs data takes this one shape. */
import { UserError } from '../errors.js';
import type { Value } from '../ir/types.js';
import { floatsOf, tensorOf } from '../tensor/convert.js';
import { isFloat } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { channelOrders } from './preprocess/words.js';

export interface Samples {
  readonly count: number;
  /**
   * What to feed for the samples `[from, to)`: every input that the graph needs, samples along the first axis. A model of fixed
   * batch gets `fixedBatch` of them, the last one repeated: ignore the outputs beyond `to - from`.
   */
  batch(from: number, to: number): ReadonlyMap<Value, Tensor>;
  /** Samples that each run must have, where the model fixes the number. */
  readonly fixedBatch?: number;
  /** The class of each sample, where the data says it. */
  readonly labels?: Int32Array;
  /** What the data call the classes, by number, where they name them. */
  readonly classes?: readonly string[];
  /** int64 [count, seqLen], for language models. */
  readonly tokens?: Tensor;
  /** By input that is fed with pictures. */
  readonly pictures?: ReadonlyMap<string, PictureFacts>;
  /** By input that is fed with cells of a table: their names, in order. */
  readonly features?: ReadonlyMap<string, readonly string[]>;
  readonly provenance: Provenance;
}

/** What became of pixels on their way into an input. */
export interface PictureFacts {
  /** Of the darkest and the lightest, one pair a channel. */
  readonly range: readonly (readonly [low: number, high: number])[];
  /** In which order channels come. */
  readonly channels: (typeof channelOrders)[number];
}

/** Where samples come from: enough to find the same ones again. */
export interface Provenance {
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  /** One sentence: what was read and how it was cut. */
  readonly description: string;
  readonly seqLen?: number;
  readonly samples?: number;
}

/**
 * All samples in runs of `size`, as often as iterated over. A model of fixed batch takes runs of its own size and the leftover
 * samples are dropped; else the last run is shorter, or dropped on request.
 * @throws UserError when a fixed batch is larger than the number of samples.
 */
export function batchesOf(
  samples: Samples,
  size: number,
  options: { readonly short?: 'keep' | 'drop' } = {},
): Iterable<ReadonlyMap<Value, Tensor>> {
  const step = samples.fixedBatch ?? size;
  const dropsShort = samples.fixedBatch !== undefined || options.short === 'drop';
  if (dropsShort && samples.count < step) {
    throw new UserError(
      'data',
      `expected at least ${step} samples, the size of a run, got ${samples.count}; give more`,
    );
  }
  return {
    *[Symbol.iterator]() {
      for (let from = 0; from < samples.count; from += step) {
        const to = Math.min(samples.count, from + step);
        if (to - from === step || !dropsShort) yield samples.batch(from, to);
      }
    },
  };
}

/** The same tensors for the inputs of another graph, by name; floats in the precision that each input has. */
export function feedsFor(inputs: readonly Value[], feeds: ReadonlyMap<Value, Tensor>): Map<Value, Tensor> {
  const byName = new Map([...feeds].map(([value, array]) => [value.name, array]));
  return new Map(
    inputs.map((input) => {
      const array = byName.get(input.name);
      if (!array)
        throw new UserError('data', `expected samples for the input '${input.name}', got none; add them to the data`);
      return [input, inPrecisionOf(input, array)];
    }),
  );
}

function inPrecisionOf({ type }: Value, array: Tensor): Tensor {
  if (!type || type.dtype === array.dtype || !isFloat(type.dtype) || !isFloat(array.dtype)) return array;
  return tensorOf(type.dtype, array.shape, floatsOf(array));
}
