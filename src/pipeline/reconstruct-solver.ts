/** From what was asked to the solver that does it. */
import { optimisers, schedules, withWarmUp } from '../optim/index.js';
import { adapters } from '../reconstruct/adapters/index.js';
import { descend } from '../reconstruct/descend.js';
import { leastSquares } from '../reconstruct/least-squares.js';
import type { Solver } from '../reconstruct/solver.js';
import type { DescentRequest, ReconstructionRequest } from './reconstruct-request.js';

/** @param accumulate runs a step: what the model's own batch size makes of the number asked for. */
export function solverOf(request: ReconstructionRequest, accumulate: number): Solver {
  if (request.solver === 'least-squares') {
    return leastSquares(request.ridge === undefined ? {} : { ridge: request.ridge });
  }
  const { loss, shuffle, patience } = request.descent;
  return descend({
    ...fitOptions(request.descent),
    accumulate,
    loss,
    adapter: adapterOf(request),
    shuffles: shuffle,
    ...(patience !== undefined && { patience }),
  });
}

export const fitOptions = ({ optimiser, rate, epochs, schedule, warmUp, clip }: DescentRequest) => ({
  optimiser: optimisers[optimiser](),
  rate,
  epochs,
  schedule: withWarmUp(schedules[schedule], warmUp),
  ...(clip !== undefined && { clip }),
});

function adapterOf({ trained, rank, alpha }: ReconstructionRequest) {
  const options = { ...(rank !== undefined && { rank }), ...(alpha !== undefined && { alpha }) };
  return adapters[trained](options);
}
