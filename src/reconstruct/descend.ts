/** descend: gradient descent on a region's outputs. */
import { type FitOptions, type FitProblem, fit } from '../fit/index.js';
import type { Adapted, Adapter } from './adapters/adapter.js';
import { all } from './adapters/all.js';
import { withRegionJudge } from './region-judge.js';
import { batchesOf, type ReconstructionLoss, regionProblem } from './region-problem.js';
import { type RegionTask, type Solution, type Solver, unmoved } from './solver.js';
import { standing } from './under-mask.js';

export interface DescendOptions
  extends Pick<FitOptions, 'optimiser' | 'rate' | 'schedule' | 'epochs' | 'clip' | 'accumulate' | 'patience'> {
  /** Default `mse`. */
  readonly loss?: ReconstructionLoss;
  /** What moves; default: every parameter. */
  readonly adapter?: Adapter;
  /** New order of the batches in every epoch; default: their own order. */
  readonly shuffles?: boolean;
}

/**
 * Moves the parameters of a region, or what an adapter puts in their place, by descent on the distance of its outputs from the
 * targets, batch by batch, masks held ("A Free Lunch in LLM Compression: Revisiting Retraining after Pruning"; AdamW with linear
 * decay there).
 */
export const descend =
  ({ loss = 'mse', adapter = all(), shuffles = false, ...options }: DescendOptions): Solver =>
  async (task) => {
    const { name, engine, seed, signal, from, onEpoch, onProgress } = task;
    const adapted = adapter.adapt(task);
    if (adapted.trained.length === 0) return unmoved;
    const fitted = await fit(problemOf(task, adapted, loss), {
      ...engine,
      ...options,
      ...(name !== undefined && { name }),
      ...(shuffles && { shuffle: seed }),
      ...(signal && { signal }),
      ...(from && { from }),
      ...(onEpoch && { onEpoch }),
      ...(onProgress && { onSteps: onProgress }),
    });
    const { losses, judged, bestEpoch } = fitted;
    const { weights, added } = await adapted.merge(fitted.weights, engine);
    const [before, after] = [judged[0] as number, judged[bestEpoch] as number];
    const report = { before, after, losses, judged };
    if (bestEpoch === 0) return { ...report, weights: standing(task, weights.keys()) };
    const solution: Solution = { ...report, weights, ...(added.size > 0 && { added }) };
    return adapted.isExact ? solution : judgedAgain(task, solution, loss);
  };

function problemOf({ data, heldOut }: RegionTask, adapted: Adapted, loss: ReconstructionLoss): FitProblem {
  const { graph, trained, masks } = adapted;
  const problem = regionProblem(graph, new Map([...data.inputs(0), ...data.targets(0)]), loss);
  return {
    graph: problem.graph,
    loss: problem.loss,
    weights: trained,
    masks,
    batches: batchesOf(problem, data),
    ...(heldOut && { validation: batchesOf(problem, heldOut) }),
  };
}

/** What was merged is not what was trained: it is taken only where it, too, is better than the start. */
function judgedAgain(task: RegionTask, solution: Solution, kind: ReconstructionLoss): Promise<Solution> {
  const { weights, before } = solution;
  return withRegionJudge(task, [...weights.keys()], kind, async (loss) => {
    const after = await loss(weights);
    return after < before
      ? { ...solution, after }
      : { ...solution, weights: standing(task, weights.keys()), after: before };
  });
}
