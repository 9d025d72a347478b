/** How far what a region answers is from what it should answer, before it was fitted and after. */
import { heed } from '../../heed.js';
import type { Graph } from '../../ir/types.js';
import { withRegionJudge } from '../../reconstruct/region-judge.js';
import type { RegionTask } from '../../reconstruct/solver.js';
import { sizeOf } from '../../tensor/dtype.js';
import { energyOf } from './squares.js';

/** ‖f(x) - f̂(x)‖² / ‖f(x)‖² over the data trained on. @param made the region as the model will store it. */
export async function relativeErrors(
  { heldOut: _, ...task }: RegionTask,
  made: Graph,
): Promise<{ before: number; after: number }> {
  const { energy, elements } = await targetsOf(task);
  const share = energy === 0 ? 0 : elements / energy;
  const errorOf = (graph: Graph): Promise<number> =>
    withRegionJudge({ ...task, graph }, [], 'mse', async (loss) => (await loss(new Map())) * share);
  return { before: await errorOf(task.graph), after: await errorOf(made) };
}

/** The sum of squares of all targets, and how many numbers they are. */
async function targetsOf({
  data,
  signal,
}: Pick<RegionTask, 'data' | 'signal'>): Promise<{ energy: number; elements: number }> {
  let energy = 0;
  let elements = 0;
  for (let index = 0; index < data.count; index++) {
    await heed(signal);
    for (const target of data.targets(index).values()) {
      energy += energyOf(target);
      elements += sizeOf(target.shape);
    }
  }
  return { energy, elements };
}
