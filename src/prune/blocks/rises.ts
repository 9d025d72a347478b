/** risesOf: by how much a loss is higher with one block out, measured for each. */
import { heed } from '../../heed.js';
import type { Value } from '../../ir/types.js';
import { lift } from '../../rewrite/lift.js';
import { withProgram } from '../../runtime/program.js';
import { dataOf, scalar, type Tensor } from '../../tensor/tensor.js';
import type { LossOf } from '../units/slopes.js';
import type { RunOptions } from './cosines.js';

/**
 * One session for all: gates are inputs, and each batch runs once with all of them open and once with each one closed.
 * @param gates scalars that the loss is computed with. @param batches by name of an input, all of one size.
 */
export async function risesOf(
  { graph, loss }: LossOf,
  gates: readonly Value[],
  batches: Iterable<ReadonlyMap<string, Tensor>>,
  { signal, onBatch, ...options }: RunOptions,
): Promise<Float64Array> {
  const open = lift({ ...graph, outputs: [loss] }, gates);
  const sums = new Float64Array(gates.length);
  let done = 0;
  await withProgram(open, options, async (program) => {
    for (const batch of batches) {
      const lossWithout = async (closed?: Value): Promise<number> => {
        await heed(signal);
        const factors = new Map(gates.map(({ name }) => [name, scalar(Number(name !== closed?.name))]));
        const fed = program.inputs.map((value) => [value, factors.get(value.name) ?? batch.get(value.name)!] as const);
        return Number(dataOf((await program.run(new Map(fed))).get(loss)!)[0]);
      };
      const whole = await lossWithout();
      for (const [block, gate] of gates.entries()) sums[block]! += (await lossWithout(gate)) - whole;
      done++;
      onBatch?.(done);
    }
  });
  return sums.map((sum) => sum / done);
}
