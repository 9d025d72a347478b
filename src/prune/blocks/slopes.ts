/** slopesOf: batch by batch, how steeply a loss rises with a gate before what each block adds. */
import { gradientGraph } from '../../autodiff/gradient-graph.js';
import { prepare } from '../../autodiff/prepare.js';
import { heed } from '../../heed.js';
import type { Value } from '../../ir/types.js';
import { simplify } from '../../rewrite/simplify.js';
import { withProgram } from '../../runtime/program.js';
import { dataOf, type Tensor } from '../../tensor/tensor.js';
import type { LossOf } from '../units/slopes.js';
import type { RunOptions } from './cosines.js';

/** @param gates scalars that the loss is computed with. @param batches by name of an input. */
export async function slopesOf(
  { graph, loss }: LossOf,
  gates: readonly Value[],
  batches: Iterable<ReadonlyMap<string, Tensor>>,
  { signal, onBatch, ...options }: RunOptions,
): Promise<Float64Array[]> {
  const wrt = gates.map(({ name }) => name);
  const slopes = await gradientGraph(await prepare(graph), { of: loss.name, wrt });
  const wanted = wrt.map((name) => slopes.gradients.get(name)!);
  const found: Float64Array[] = [];
  await withProgram(simplify({ ...slopes.graph, outputs: wanted }), options, async (program) => {
    for (const batch of batches) {
      await heed(signal);
      const results = await program.run(new Map(program.inputs.map((value) => [value, batch.get(value.name)!])));
      found.push(Float64Array.from(wanted, (value) => Number(dataOf(results.get(value)!)[0])));
      onBatch?.(found.length);
    }
  });
  return found;
}
