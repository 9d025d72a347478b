/** From what was asked to the solver that does it. */
import type { Layer } from '../../ops/layers.js';
import { isConvolution } from '../../ops/layout.js';
import { optimisers, schedules, withWarmUp } from '../../optim/index.js';
import { adapters } from '../../reconstruct/adapters/index.js';
import { descend } from '../../reconstruct/descend.js';
import { leastSquares } from '../../reconstruct/least-squares.js';
import type { Solver } from '../../reconstruct/solver.js';
import type { FitData } from './data.js';
import type { DescentRequest, ReconstructionRequest } from './request.js';

export function solverOf(request: ReconstructionRequest, data: FitData, layers: readonly Layer[]): Solver {
  if (request.solver === 'least-squares') {
    return leastSquares(request.ridge === undefined ? {} : { ridge: request.ridge });
  }
  const { loss, shuffle, patience } = request.descent;
  return descend({
    ...fitOptions(request.descent, data, layers),
    loss,
    adapter: adapterOf(request),
    shuffles: shuffle,
    ...(patience !== undefined && { patience }),
  });
}

export const fitOptions = (
  { optimiser, rate, ratedColumns, schedule, warmUp, clip }: DescentRequest,
  { epochs, accumulate }: Pick<FitData, 'epochs' | 'accumulate'>,
  layers: readonly Layer[],
) => ({
  optimiser: optimisers[optimiser](),
  rate: ratedColumns === undefined ? rate : rate * Math.min(1, ratedColumns / narrowest(layers)),
  epochs,
  accumulate,
  schedule: withWarmUp(schedules[schedule], warmUp),
  ...(clip !== undefined && { clip }),
});

/** Columns of the narrowest product, 1 without one. */
function narrowest(layers: readonly Layer[]): number {
  const columns = layers.flatMap(({ layout }) => (isConvolution(layout) ? [] : [layout.columns]));
  return columns.length === 0 ? 1 : Math.min(...columns);
}

function adapterOf({ trained, rank, alpha }: ReconstructionRequest) {
  const options = { ...(rank !== undefined && { rank }), ...(alpha !== undefined && { alpha }) };
  return adapters[trained](options);
}
