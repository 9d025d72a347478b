/** The job of `scalpel reconstruct --dry-run`: both models matched, a step or two of what would be run, and what it would take. */
import type { Samples } from '../../data/index.js';
import { withWeights } from '../../regions/propagate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { openData, openGivenCalibration } from '../open-data.js';
import { peakMemory } from '../peak-memory.js';
import { fitData } from '../reconstruct/data.js';
import { alreadyPruned } from '../reconstruct/job.js';
import type { ReconstructRequest } from '../reconstruct/request.js';
import { setReconstructScene } from '../reconstruct/scene.js';
import { heldPerCrossing } from './costs.js';
import type { DryRun, Expected } from './dry-run.js';
import {
  evaluationParts,
  fitCrossings,
  lookAtOutputs,
  outputBytes,
  outputParts,
  type Trials,
  waitingBytes,
  workingBytes,
} from './making.js';
import { DryRunNotes } from './notes.js';
import { tryReconstruction } from './reconstruction.js';
import { tryRetraining } from './retrain.js';

/** @throws UserError where a model, the data or the provider cannot be had, or the models do not match: the command would end there too. */
export async function run(request: ReconstructRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('reconstruct');
  const scene = setReconstructScene(request);
  notes.model(scene.model);
  if (scene.pruned) notes.model(scene.pruned.dense.model);
  await lookAtOutputs(notes, { scene, request });
  const calibration = await openGivenCalibration(scene.copy, request.dense, request.calibration);
  if (calibration) notes.data('calibration', calibration);
  else notes.unsaid();
  const evaluation = request.evaluation && (await openData(scene.copy, request.dense, request.evaluation));
  if (evaluation) notes.data('evaluation', evaluation);
  const engine = await startEngine(request.engine, context);
  const trials = { scene, request, calibration, evaluation, engine, context };
  const estimate = calibration && (await tryAll(notes, trials, calibration));
  return notes.finish(request.engine, estimate);
}

/** Undefined where a trial did not go through. */
async function tryAll(
  notes: DryRunNotes,
  trials: Trials<ReconstructRequest>,
  calibration: Samples,
): Promise<Expected | undefined> {
  const { scene, request } = trials;
  const { reconstruction, seed } = request;
  const { copy, schedule, pruned } = scene;
  const evaluated = await evaluationParts(notes, trials);
  if (!evaluated) return undefined;
  const own = { ...trials, reconstruction, calibration };
  const fitted = reconstruction.retrain
    ? await tryRetraining(notes, { ...own, graph: withWeights(copy, pruned!.weights) })
    : await tryReconstruction(notes, { ...own, schedule, masking: () => alreadyPruned(scene) });
  if (!fitted) return undefined;
  const { perSample, files } = await fitCrossings(request, calibration, { copy, schedule });
  const parts = [...evaluated, ...fitted, ...outputParts(trials)];
  const crossing = heldPerCrossing * perSample * fitData(calibration, reconstruction, seed).size;
  return {
    parts,
    memoryBytes: peakMemory() + workingBytes(scene) + crossing + waitingBytes(trials, perSample),
    diskBytes: files + outputBytes(trials),
  };
}
