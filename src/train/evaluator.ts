/** evaluator: what a network under training says of series, with the weights that it has now. */

import { rowsOf, type Series } from '../data/series.js';
import { feeds } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import { concatenated } from '../oracle/packed.js';
import { lift } from '../rewrite/lift.js';
import { type CompileOptions, compile } from '../runtime/program.js';
import { dataOf, float32, type Tensor } from '../tensor/tensor.js';
import { maskOf } from './step/feeds.js';

export interface Evaluator {
  /** Logits [count, classes] of all series. @param weights by name: all that were lifted. */
  logits(series: Series, weights: ReadonlyMap<string, Tensor>, signal?: AbortSignal): Promise<Float32Array>;
  release(): Promise<void>;
}

const batch = 256;

/** @param graph in inference form, its input [batch, channels, length], its one output the logits or whatever else is asked for; @param moving initializers that are fed anew each time. */
export async function evaluator(graph: Graph, moving: readonly Value[], options: CompileOptions): Promise<Evaluator> {
  const program = await compile(lift(graph, moving), options);
  const names = new Set(moving.map(({ name }) => name));
  const [logits] = program.outputs;
  const fed = feeds(graph).filter(({ name }) => !names.has(name));
  return {
    async logits(series, weights, signal) {
      const found: Float32Array[] = [];
      for (let from = 0; from < series.count; from += batch) {
        signal?.throwIfAborted();
        const rows = Uint32Array.from({ length: Math.min(batch, series.count - from) }, (_, i) => from + i);
        const own = inputsOf(fed, series, rows);
        const all = new Map([...weights, ...own]);
        const outputs = await program.run(
          new Map(program.inputs.map((value) => [value, all.get(value.name) as Tensor])),
        );
        found.push(dataOf(outputs.get(logits!)!) as Float32Array);
      }
      return concatenated(found);
    },
    release: () => program.release(),
  };
}

function inputsOf(fed: readonly Value[], series: Series, rows: Uint32Array): Map<string, Tensor> {
  const { channels, length, values, count } = rowsOf(series, rows);
  return new Map(
    fed.map(({ name }, i): [string, Tensor] => {
      if (i > 0) return [name, float32([count, length], maskOf(series, rows))];
      return [name, float32([count, channels, length], values)];
    }),
  );
}
