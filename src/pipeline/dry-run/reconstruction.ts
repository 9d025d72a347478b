/** What a reconstruction would take: one region of each kind is solved by a step or two, and both models are walked with few samples. */
import { availableParallelism } from 'node:os';
import { batchesOf, type Samples } from '../../data/index.js';
import type { Layer } from '../../ops/layers.js';
import type { Region, Schedule } from '../../regions/index.js';
import { annotate } from '../../runtime/annotate.js';
import { Shelf } from '../../tensor/shelf.js';
import type { MakingRequest } from '../making/request.js';
import { type FitData, fitData } from '../reconstruct/data.js';
import type { Masking } from '../reconstruct/loop.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { WeightPlaces } from '../reconstruct/weight-places.js';
import type { EstimatedPart } from './dry-run.js';
import type { FitTimes } from './fit-clock.js';
import { forwardPart } from './forward.js';
import type { Trials } from './making.js';
import type { DryRunNotes } from './notes.js';
import { regionClasses } from './region-classes.js';
import { firstOf, tryOut } from './trial.js';
import { type TriedWork, tryRegions, walkBoth } from './try-regions.js';

export interface ReconstructionTrial extends Trials<MakingRequest> {
  readonly calibration: Samples;
  readonly reconstruction: ReconstructionRequest;
  /** Of the granularity that is reconstructed. */
  readonly schedule: Schedule;
  /** Anew for every trial: it remembers what it has masked. */
  masking(): Masking;
}

/** Where a fit as short as this was tried, a longer one tells more. */
export const cheapSeconds = 1.5;
export const [fewSteps, moreSteps] = [2, 8];

/** Undefined where the runtime or the data are refused, which is noted. */
export function tryReconstruction(
  notes: DryRunNotes,
  trial: ReconstructionTrial,
): Promise<readonly EstimatedPart[] | undefined> {
  const { scene, calibration, reconstruction, context } = trial;
  return notes.run(scene.copy, async () => {
    const data = fitData(calibration, reconstruction, trial.request.seed);
    const work = await workOf(trial);
    const walk = await tryOut(calibration, data.size, (few) =>
      walkBoth(work, { batches: batchesOf(few, few.count), size: few.count }, context),
    );
    const times = await timesOf(work, trial, data);
    const regions = [...times.values()];
    const { solver } = reconstruction;
    const steps = stepsOf(data);
    const what =
      solver === 'descent' ? `fit ${regions.length} regions, ${steps} steps each` : `solve ${regions.length} regions`;
    const seconds = regions.reduce((sum, each) => sum + fitSeconds(each, data, 2), 0);
    return [
      forwardPart('walk the dense and the pruned model', calibration, walk, trial.request.jobs ? 2 : 1),
      { what, seconds: seconds / together(trial, regions.length) },
    ];
  });
}

/** How many steps a descent takes. */
export const stepsOf = ({ epochs, trained, accumulate }: FitData): number =>
  epochs * Math.floor(trained.length / accumulate);

/** Judged at the start, after each epoch, and so often more on what is trained on. */
export function fitSeconds(
  { fixedSeconds, secondsPerStep, secondsPerJudged }: FitTimes,
  data: FitData,
  extra: number,
): number {
  const judges = data.heldOut.length || data.trained.length;
  const judged = (data.epochs + 1) * judges + extra * data.trained.length;
  return fixedSeconds + stepsOf(data) * secondsPerStep + judged * secondsPerJudged;
}

async function workOf({ scene, request, reconstruction, schedule, engine }: ReconstructionTrial) {
  const { copy: graph, stored, model } = scene;
  return {
    request: reconstruction,
    ...{ seed: request.seed, graph, schedule, engine },
    types: await annotate(graph),
    places: new WeightPlaces(model.graph, stored),
    shelf: new Shelf(),
  };
}

/** By region, of all that hold layers to be fitted. */
async function timesOf(
  work: Omit<TriedWork, 'masking'>,
  trial: ReconstructionTrial,
  data: FitData,
): Promise<Map<number, FitTimes>> {
  const { scene, schedule } = trial;
  const chosen = new Set(scene.selected);
  const layersOf = (region: Region): Layer[] => region.layers.filter((layer) => chosen.has(layer));
  const classes = regionClasses(schedule.regions, layersOf);
  const tried = await triedTimes(work, trial, data, [...classes.keys()]);
  const weights = (index: number): number =>
    layersOf(schedule.regions[index] as Region).reduce((sum, { positions }) => sum + positions, 0);
  return new Map(
    [...classes].flatMap(([index, alike]) => {
      const times = tried.get(index) ?? likeOthers(tried, index, weights);
      return alike.map((each) => [each, times] as const);
    }),
  );
}

/** Few steps first; more where these were quick, and where only two amounts tell what a batch takes. */
async function triedTimes(
  work: Omit<TriedWork, 'masking'>,
  { calibration, reconstruction: { solver }, context, masking }: ReconstructionTrial,
  data: FitData,
  regions: readonly number[],
): Promise<ReadonlyMap<number, FitTimes>> {
  const { size, accumulate } = data;
  const amount = { batches: batchesOf(firstOf(calibration, size), size), size, accumulate };
  const isHeldOut = data.heldOut.length > 0;
  const attempt = (indices: readonly number[], steps: number): Promise<Map<number, FitTimes>> =>
    tryRegions({ ...work, masking: masking() }, new Set(indices), { ...amount, steps, isHeldOut }, context);
  const perEpoch = Math.floor(data.trained.length / accumulate);
  const [few, more] = [Math.min(fewSteps, perEpoch), Math.min(moreSteps, perEpoch)];
  const first = await attempt(regions, few);
  const isCheap = (index: number): boolean => {
    const { fixedSeconds = 0, secondsPerStep = 0 } = first.get(index) ?? {};
    return solver !== 'descent' || fixedSeconds + few * secondsPerStep < cheapSeconds;
  };
  if (more === few) return first;
  const second = await attempt([...first.keys()].filter(isCheap), more);
  const better = [...second].map(([index, times]): [number, FitTimes] => [
    index,
    solver === 'descent' ? times : perBatch(first.get(index)!, times, more - few, data),
  ]);
  return new Map([...first, ...better]);
}

/** An exact solution has no steps: what more batches took is told from two sizes. */
function perBatch(small: FitTimes, large: FitTimes, steps: number, { accumulate, trained }: FitData): FitTimes {
  const each = Math.max(0, large.fixedSeconds - small.fixedSeconds) / (steps * accumulate);
  return { fixedSeconds: small.fixedSeconds + each * trained.length, secondsPerStep: 0, secondsPerJudged: 0 };
}

/** A region for which there was no time left, in proportion to its weights. */
function likeOthers(tried: ReadonlyMap<number, FitTimes>, index: number, weights: (index: number) => number): FitTimes {
  const all = [...tried.keys()].reduce((sum, each) => sum + weights(each), 0);
  const share = weights(index) / (all || 1);
  const sum = (key: keyof FitTimes): number =>
    share * [...tried.values()].reduce((total, times) => total + times[key], 0);
  return {
    fixedSeconds: sum('fixedSeconds'),
    secondsPerStep: sum('secondsPerStep'),
    secondsPerJudged: sum('secondsPerJudged'),
  };
}

/** How many processes get on at once: no more than there are regions, and cores for their threads. */
function together({ request, engine }: ReconstructionTrial, regions: number): number {
  const cores = Math.max(1, Math.floor(availableParallelism() / engine.threads));
  return Math.max(1, Math.min(request.jobs ?? 1, regions, cores));
}
