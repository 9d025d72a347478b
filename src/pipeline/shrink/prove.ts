/** The proof that every shrunk model has to pass: on data, it answers what the masked one does. */

import { randomSamples } from '../../data/random-samples.js';
import { feedsFor, type Samples } from '../../data/samples.js';
import { unsupported } from '../../errors.js';
import { apart } from '../../groups/apart.js';
import { feeds } from '../../ir/graph.js';
import type { Graph } from '../../ir/types.js';
import { annotate } from '../../runtime/annotate.js';
import type { CompileOptions } from '../../runtime/program.js';
import type { Tensor } from '../../tensor/tensor.js';

/** The largest difference relative to the largest number of an output; sums of fewer numbers are rounded otherwise. */
const tolerance = 1e-4;

/** Samples of the proof. */
const most = 8;

export interface Proof {
  readonly apart: number;
  readonly samples: number;
  /** What they were. */
  readonly on: string;
}

/**
 * @param small and `masked` take the same inputs. @param samples of `masked`; random ones where there are none.
 * @throws UserError (exit 3) when they differ: something reads sizes in a way that was not understood.
 */
export async function prove(
  small: Graph,
  masked: Graph,
  samples: Samples | undefined,
  seed: number,
  options: CompileOptions,
): Promise<Proof> {
  const drawn = samples ?? randomSamples(masked, await annotate(masked), seed);
  const count = drawn.fixedBatch ?? Math.min(most, drawn.count);
  const batch = feedsFor(feeds(masked), drawn.batch(0, Math.min(count, drawn.count)));
  const inputs = new Map([...batch].map(([{ name }, t]): [string, Tensor] => [name, t]));
  const found = await apart(small, masked, inputs, options);
  if (found <= tolerance) return { apart: found, samples: count, on: drawn.provenance.description };
  throw unsupported(
    'shrink',
    `expected the shrunk model to answer as the masked one within ${tolerance}, got a difference of ${found.toPrecision(3)}; nothing was written: --exclude groups until it holds, and please tell us of the model`,
  );
}
