/** A few steps on some regions of a reconstruction, by the very loop that would solve them all. */
import type { PairStage } from '../../regions/propagate-pair.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { FitData } from '../reconstruct/data.js';
import { type Masking, type ReconstructWork, reconstructRegions } from '../reconstruct/loop.js';
import type { RegionFacts } from '../reconstruct/region.js';
import { zerosRemoved } from '../reconstruct/zeros-removed.js';
import { FitClock, type FitTimes } from './fit-clock.js';
import { StepsInMemory } from './steps-in-memory.js';

/** What a reconstruction needs, but for how much of it is done. */
export type TriedWork = Omit<ReconstructWork, 'data' | 'run' | 'context' | 'isMine'>;

export interface Amount {
  /** One batch, and how many of its like make a step. */
  readonly batches: FitData['batches'];
  readonly size: number;
  readonly accumulate: number;
  readonly steps: number;
  /** Whether others judge than those that are trained on; one batch is enough of them. */
  readonly isHeldOut: boolean;
}

/** No more regions are begun after that; those left are told from those tried. */
const budgetSeconds = 20;

/** Times of the regions `tried` (where the budget held), by index. */
export async function tryRegions(
  work: TriedWork,
  tried: ReadonlySet<number>,
  { steps, isHeldOut, ...amount }: Amount,
  context: JobContext,
): Promise<Map<number, FitTimes>> {
  const found = new Map<number, FitTimes>();
  const trained = Array<number>(steps * amount.accumulate).fill(0);
  const judges = isHeldOut ? 1 : trained.length;
  const clock = new FitClock(context);
  let current = 0;
  const run = new StepsInMemory((_, { facts }) => {
    const times = clock.times({ before: judges, after: judges + 2 * trained.length });
    const seconds = { fixedSeconds: (facts as RegionFacts).seconds, secondsPerStep: 0, secondsPerJudged: 0 };
    found.set(current, times ?? seconds);
  });
  const started = performance.now();
  const masking: Masking = {
    ...work.masking,
    async before(stage: PairStage) {
      const weights = tried.has(stage.index) ? await work.masking.before(stage) : new Map();
      current = stage.index;
      clock.restart();
      return weights;
    },
  };
  await reconstructRegions({
    ...work,
    masking,
    data: { ...amount, epochs: 1, trained, heldOut: isHeldOut ? [0] : [] },
    run,
    context: clock.context,
    isMine: (index) => tried.has(index) && performance.now() - started < budgetSeconds * 1000,
  });
  return found;
}

/** The walk along both models alone: nothing is solved. */
export const walkBoth = (
  work: Omit<TriedWork, 'masking'>,
  data: Pick<FitData, 'batches' | 'size'>,
  context: JobContext,
): Promise<unknown> =>
  reconstructRegions({
    ...work,
    // both paths are held in any case, for the drift
    request: { ...work.request, inputs: 'sparse', targets: 'dense' },
    masking: { keepsSparse: true, before: async () => new Map(), isPruned: () => false, maskOf: zerosRemoved },
    data: { ...data, accumulate: 1, epochs: 1, trained: [0], heldOut: [] },
    run: new StepsInMemory(),
    context: { ...context, emit: () => {} },
    isMine: () => false,
  });
