/** What retraining a whole model would take: a step or two of it, by the very code that would train. */
import type { Samples } from '../../data/index.js';
import type { Graph } from '../../ir/types.js';
import type { MakingRequest } from '../making/request.js';
import { fitData } from '../reconstruct/data.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { retrain } from '../reconstruct/retrain.js';
import { WeightPlaces } from '../reconstruct/weight-places.js';
import { zerosRemoved } from '../reconstruct/zeros-removed.js';
import { savingSeconds } from './costs.js';
import type { EstimatedPart } from './dry-run.js';
import { FitClock, type FitTimes } from './fit-clock.js';
import type { Trials } from './making.js';
import type { DryRunNotes } from './notes.js';
import { cheapSeconds, fewSteps, fitSeconds, moreSteps, stepsOf } from './reconstruction.js';
import { StepsInMemory } from './steps-in-memory.js';
import { firstOf } from './trial.js';

export interface RetrainTrial extends Trials<MakingRequest> {
  readonly calibration: Samples;
  readonly reconstruction: ReconstructionRequest;
  /** Pruned, or as it is before: that takes the same. */
  readonly graph: Graph;
}

/** Weights, what the optimiser remembers of each, and the best so far. */
const keptForms = 4;

/** Undefined where the runtime or the data are refused, which is noted. */
export function tryRetraining(notes: DryRunNotes, trial: RetrainTrial): Promise<readonly EstimatedPart[] | undefined> {
  const { graph, scene, calibration, reconstruction, request } = trial;
  return notes.run(graph, async () => {
    const data = fitData(calibration, reconstruction, request.seed);
    const perEpoch = Math.floor(data.trained.length / data.accumulate);
    const times = await timesOf(trial, perEpoch, data.size * data.accumulate);
    const weights = scene.selected.reduce((sum, { positions }) => sum + 4 * positions, 0);
    const keeping = data.epochs * savingSeconds(keptForms * weights);
    const what = `retrain, ${stepsOf(data)} steps`;
    return [{ what, seconds: fitSeconds(times, data, 0) + keeping }];
  });
}

/** Few steps first; more where these were quick, as the first runs of a session take longer than those that follow. */
async function timesOf(trial: RetrainTrial, perEpoch: number, samplesPerStep: number): Promise<FitTimes> {
  const [few, more] = [Math.min(fewSteps, perEpoch), Math.min(moreSteps, perEpoch)];
  const first = await shortFit(trial, samplesPerStep * few);
  const isCheap = few * first.secondsPerStep < cheapSeconds;
  return isCheap && more > few ? shortFit(trial, samplesPerStep * more) : first;
}

async function shortFit(trial: RetrainTrial, count: number): Promise<FitTimes> {
  const { graph, scene, calibration, reconstruction, request, engine, context } = trial;
  const { model, stored, selected: layers } = scene;
  const short = { ...reconstruction, heldOut: 0, descent: { ...reconstruction.descent, epochs: 1, leastSamples: 0 } };
  const samples = firstOf(calibration, count);
  const batches = fitData(samples, short, request.seed).trained.length;
  const clock = new FitClock(context);
  const found: FitTimes[] = [];
  const run = new StepsInMemory((name) => {
    // the last step is the one of the whole; before it there is one for each epoch
    const times = name === 'retrained' ? clock.times({ before: batches, after: batches }) : undefined;
    if (times) found.push(times);
  });
  await retrain({
    ...{ request: short, seed: request.seed, graph, layers, samples, engine, run },
    maskOf: zerosRemoved,
    places: new WeightPlaces(model.graph, stored),
    context: clock.context,
  });
  return found[0] as FitTimes;
}
