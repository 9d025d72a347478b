/** The calibration data of a reconstruction: batches equal in size, those that are trained on and those that decide. */
import { batchesOf, type Samples } from '../../data/index.js';
import { UserError } from '../../errors.js';
import type { RegionData } from '../../reconstruct/solver.js';
import type { Batches, Feeds } from '../../regions/crossings.js';
import { random } from '../../tensor/random.js';
import type { ReconstructionRequest } from './request.js';

export interface FitData {
  /** What the whole model is fed; the last samples are left out where they do not fill a batch. */
  readonly batches: Iterable<Feeds>;
  /** Samples in a batch, and batches a step. */
  readonly size: number;
  readonly accumulate: number;
  readonly epochs: number;
  /** Positions of batches. */
  readonly trained: readonly number[];
  readonly heldOut: readonly number[];
}

/** @throws UserError when there are too few samples for one step. */
export function fitData(
  samples: Samples,
  request: Pick<ReconstructionRequest, 'heldOut' | 'descent'>,
  seed: number,
): FitData {
  const { batchSize, accumulate: parts, epochs, leastSamples } = request.descent;
  const perStep = Math.min(batchSize, samples.count);
  const size = samples.fixedBatch ?? Math.max(1, Math.floor(perStep / parts));
  const accumulate = Math.max(1, Math.round(perStep / size));
  const count = Math.floor(samples.count / size);
  const wanted = request.heldOut > 0 ? Math.max(1, Math.round(request.heldOut * count)) : 0;
  const drawn = new Set(random(seed, 'held out').sample(wanted, count));
  const all = Array.from({ length: count }, (_, index) => index);
  const trained = all.filter((index) => !drawn.has(index));
  if (trained.length < accumulate) {
    throw new UserError(
      'reconstruct',
      `expected calibration samples for at least one step of ${size * accumulate}, got ${trained.length * size} of ${samples.count}; give more, or a smaller --batch-size or --held-out`,
    );
  }
  const heldOut = all.filter((index) => drawn.has(index));
  // a window of text is many samples in one
  const least = samples.tokens ? 0 : Math.ceil(leastSamples / (trained.length * size));
  return {
    batches: batchesOf(samples, size, { short: 'drop' }),
    size,
    accumulate,
    epochs: Math.max(epochs, least),
    trained,
    heldOut,
  };
}

/** Some batches of a region. */
export const regionData = (
  indices: readonly number[],
  inputs: Batches,
  targets: Batches,
  teacher?: Batches,
): RegionData => {
  const at = (index: number): number => indices[index] as number;
  return {
    count: indices.length,
    inputs: (index) => inputs.at(at(index)),
    targets: (index) => targets.at(at(index)),
    ...(teacher && { teacher: (index: number) => teacher.at(at(index)) }),
  };
};
