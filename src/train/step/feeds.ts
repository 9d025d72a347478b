/** feeds: what each step is fed, as a function of the step. */

import { type LabelledSeries, rowsOf, type Series } from '../../data/series.js';
import type { Batch } from '../../fit/batches.js';
import type { Value } from '../../ir/types.js';
import { random } from '../../tensor/random.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import { drawsAt } from '../views/index.js';
import { sampler } from './sampler.js';
import type { Sizes, Source } from './scope.js';

export interface TrainingSeries {
  readonly labelled: LabelledSeries;
  /** Labels are for diagnostics alone: -1 where nobody knows. */
  readonly unlabelled: Series & Partial<LabelledSeries>;
}

/** @param steps in all, for what changes with them. */
export function stepFeeds(
  sources: ReadonlyMap<Value, Source>,
  data: TrainingSeries,
  sizes: Sizes,
  { seed, steps }: { readonly seed: number; readonly steps: number },
): (step: number) => Batch {
  const rows = {
    labelled: sampler(data.labelled.count, sizes.labelled, seed, 'labelled'),
    unlabelled: sampler(Math.max(1, data.unlabelled.count), sizes.unlabelled, seed, 'unlabelled'),
  };
  const streams = new Map([...sources.keys()].map(({ name }) => [name, random(seed, name)]));
  const numbersOf = (name: string, source: Source, step: number): Float32Array => {
    if (source.kind === 'draw') return source.draw(random(seed, `${name} ${step}`), step, steps);
    const own = rows[source.part](step);
    if (source.kind === 'view')
      return source.view.of(rowsOf(data[source.part], own), drawsAt(streams.get(name)!, step));
    if (source.kind === 'mask') return maskOf(data[source.part], own);
    return oneHot(data[source.part].labels, own, sizes.classes);
  };
  return (step) =>
    new Map(
      [...sources].map(([{ name, type }, source]): [string, Tensor] => [
        name,
        float32(type!.shape as readonly number[], numbersOf(name, source, step)),
      ]),
    );
}

function oneHot(labels: Int32Array | undefined, rows: Uint32Array, classes: number): Float32Array {
  const hot = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => {
    const label = labels?.[row] ?? -1;
    if (label >= 0) hot[i * classes + label] = 1;
  });
  return hot;
}

export function maskOf({ length, lengths }: Series, rows: Uint32Array): Float32Array {
  const mask = new Float32Array(rows.length * length);
  rows.forEach((row, i) => {
    mask.fill(1, i * length, i * length + (lengths?.[row] ?? length));
  });
  return mask;
}
