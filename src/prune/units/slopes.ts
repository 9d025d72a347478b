/** slopesOf: batch by batch, how steeply a loss rises with a gate before each column of layers. */
import { gradientGraph } from '../../autodiff/gradient-graph.js';
import { prepare } from '../../autodiff/prepare.js';
import { heed } from '../../heed.js';
import { valuesByName } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import type { Layer } from '../../ops/layers.js';
import { simplify } from '../../rewrite/simplify.js';
import { type CompileOptions, withProgram } from '../../runtime/program.js';
import { floatsOf } from '../../tensor/convert.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { SlopeSums } from './criterion.js';

export interface LossOf {
  readonly graph: Graph;
  /** A scalar of it. */
  readonly loss: Value;
}

export interface SlopeOptions extends CompileOptions {
  readonly signal: AbortSignal;
  readonly onBatch?: (done: number) => void;
}

/**
 * The slope by a gate is the sum of w · dL/dw over the rows of its column, so that only one number a column leaves the runtime.
 * @param batches by name of an input. @returns by layer, one list of [stacks * columns] a batch.
 */
export async function slopesOf(
  { graph, loss }: LossOf,
  layers: readonly Layer[],
  batches: Iterable<ReadonlyMap<string, Tensor>>,
  { signal, onBatch, ...options }: SlopeOptions,
): Promise<Map<Layer, SlopeSums>> {
  const wrt = [...new Set(layers.map(({ name }) => name))];
  const slopes = await gradientGraph(await prepare(graph), { of: loss.name, wrt });
  const named = valuesByName(slopes.graph);
  const g = builderFor(slopes.graph, 'gates');
  const sums = layers.map(({ name, layout: { view, perm, stacks, rows, columns } }) => {
    const shares = g.mul(named.get(name)!, slopes.gradients.get(name)!);
    const matrices = g.reshape(g.transpose(g.reshape(shares, view), perm), [stacks, rows, columns]);
    return g.reduceSum(matrices, [1]);
  });
  const gated = simplify(g.appendTo({ ...slopes.graph, outputs: [] }, sums));
  const found = new Map(layers.map((layer) => [layer, [] as Float64Array[]]));
  await withProgram(gated, options, async (program) => {
    let done = 0;
    for (const batch of batches) {
      await heed(signal);
      const results = await program.run(new Map(program.inputs.map((value) => [value, batch.get(value.name)!])));
      for (const [i, layer] of layers.entries())
        found.get(layer)!.push(Float64Array.from(floatsOf(results.get(sums[i]!)!)));
      onBatch?.(++done);
    }
  });
  return found;
}
