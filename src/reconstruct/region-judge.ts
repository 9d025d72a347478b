/** A region's loss for weights that are given, on the data that decides. */
import { Judge } from '../fit/judge.js';
import type { Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import { batchesOf, type ReconstructionLoss, regionProblem } from './region-problem.js';
import type { RegionTask } from './solver.js';

/** @param weights those of the region's that `loss` will be given; it is the same number that descent is judged by. */
export async function withRegionJudge<T>(
  { graph, data, heldOut, engine, signal }: RegionTask,
  weights: readonly Value[],
  kind: ReconstructionLoss,
  use: (loss: (values: ReadonlyMap<Value, Tensor>) => Promise<number>) => Promise<T>,
): Promise<T> {
  const problem = regionProblem(graph, new Map([...data.inputs(0), ...data.targets(0)]), kind);
  const batches = batchesOf(problem, heldOut ?? data);
  const judge = await Judge.open({ ...problem, weights, batches }, batches, engine);
  try {
    const loss = (values: ReadonlyMap<Value, Tensor>): Promise<number> =>
      judge.loss(new Map([...values].map(([{ name }, t]) => [name, t])), signal);
    return await use(loss);
  } finally {
    await judge.release();
  }
}
