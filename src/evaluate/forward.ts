/** How a graph is run over samples: in one session, or in another way that gives the same values. */
import { feedsFor } from '../data/samples.js';
import type { Graph, Value } from '../ir/types.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import type { Tensor } from '../tensor/tensor.js';

export interface ForwardOptions extends CompileOptions {
  /** Checked between runs. */
  readonly signal?: AbortSignal;
}

/** Runs every batch of feeds (matched by name) and hands over its outputs, in order. */
export type Forward = (
  graph: Graph,
  batches: Iterable<ReadonlyMap<Value, Tensor>>,
  options: ForwardOptions,
  each: (outputs: ReadonlyMap<Value, Tensor>, batch: number) => void,
) => Promise<void>;

/** The whole graph in one session. */
export const forward: Forward = async (graph, batches, { signal, ...options }, each) => {
  await withProgram(graph, options, async (program) => {
    let done = 0;
    for (const batch of batches) {
      signal?.throwIfAborted();
      each(await program.run(feedsFor(program.inputs, batch)), done++);
    }
  });
};
