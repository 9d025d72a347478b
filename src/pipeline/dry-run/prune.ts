/** The job of `scalpel prune --dry-run`: the plan, one sample through everything that would be run, and what it would take. */
import { observe } from '../../calibrate/observe.js';
import { batchesOf, type Samples } from '../../data/index.js';
import { type Pruner, pruners, type StatisticName } from '../../prune/index.js';
import { propagate } from '../../regions/propagate.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { Shelf } from '../../tensor/shelf.js';
import { startEngine } from '../engine.js';
import { spillOf } from '../making/space.js';
import { openData, openGivenCalibration } from '../open-data.js';
import { peakMemory } from '../peak-memory.js';
import { calibrationBatch } from '../prune/job.js';
import { checkPlan, needsScores } from '../prune/layer-plan.js';
import type { PruneWork } from '../prune/loop.js';
import { pruneOnTheWay } from '../prune/on-the-way.js';
import { type PruneDryRun, planOf } from '../prune/plan.js';
import type { PruneRequest } from '../prune/request.js';
import { setScene } from '../prune/scene.js';
import { prepareUnits } from '../prune/units.js';
import { checkBeside } from '../reconstruct/check-beside.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { reconstructionSchedule } from '../reconstruct/scene.js';
import { heldPerCrossing, pruningSeconds } from './costs.js';
import type { EstimatedPart, Expected } from './dry-run.js';
import { forwardPart } from './forward.js';
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
import { StepsInMemory } from './steps-in-memory.js';
import { type Trial, tryOut } from './trial.js';

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: PruneRequest, context: JobContext): Promise<PruneDryRun> {
  checkPlan(request);
  const notes = new DryRunNotes('prune');
  const scene = setScene(request);
  notes.model(scene.model);
  await notes.attempt(() => checkBeside(scene, request.reconstruction));
  await lookAtOutputs(notes, { scene, request });
  const { model } = request;
  const calibration = await openGivenCalibration(scene.copy, model, request.calibration);
  if (calibration) notes.data('calibration', calibration);
  const evaluation = request.evaluation && (await openData(scene.copy, model, request.evaluation));
  if (evaluation) notes.data('evaluation', evaluation);
  if (request.calibration && !calibration) notes.unsaid();
  if (request.permute)
    notes.warn('the search for an order of units takes seconds for each group of them, and is not in the estimate');
  const engine = await startEngine(request.engine, context);
  const estimate = await tryAll(notes, { scene, request, calibration, evaluation, engine, context });
  const plan = await planOf(scene, request);
  const { kind: _, warnings, ...found } = notes.finish(request.engine, estimate);
  return { ...plan, ...found, warnings: [...plan.warnings, ...warnings] };
}

/** Undefined where a trial did not go through. */
async function tryAll(notes: DryRunNotes, trials: Trials<PruneRequest>): Promise<Expected | undefined> {
  const { scene, request, calibration } = trials;
  const parts: EstimatedPart[] = [];
  const { walks, statistics } = walksOf(request);
  let perSample = 0;
  let files = 0;
  if (calibration && walks > 0) {
    const walk = await tryWalk(notes, trials, calibration, statistics);
    if (!walk) return undefined;
    parts.push(forwardPart(`observe in ${walks} ${walks === 1 ? 'walk' : 'walks'}`, calibration, walk, walks));
    ({ perSample, files } = await spillOf(scene, request, calibration));
  }
  const evaluated = await evaluationParts(notes, trials);
  if (!evaluated) return undefined;
  parts.push(...evaluated, { what: `prune by ${request.method}`, seconds: pruningSeconds(request, scene.selected) });
  const { reconstruction } = request;
  if (reconstruction && calibration) {
    const fitted = await tryFits(notes, trials, reconstruction, calibration);
    if (!fitted) return undefined;
    parts.push(...fitted.parts);
    perSample = Math.max(perSample, fitted.perSample);
    files = Math.max(files, fitted.files);
  }
  parts.push(...outputParts(trials));
  const batch = calibration ? (request.engine.batch ?? calibrationBatch(calibration)) : 0;
  const crossing = heldPerCrossing * perSample * batch + waitingBytes(trials, perSample);
  return {
    parts,
    memoryBytes: peakMemory() + workingBytes(scene) + crossing,
    diskBytes: files + outputBytes(trials),
  };
}

/** Reconstruction or retraining, of layers masked by magnitude: that takes as long as with any other masks. */
async function tryFits(
  notes: DryRunNotes,
  trials: Trials<PruneRequest>,
  reconstruction: ReconstructionRequest,
  calibration: Samples,
) {
  const { scene, request } = trials;
  const { copy, structure, selected } = scene;
  if (reconstruction.retrain) {
    const parts = await tryRetraining(notes, { ...trials, reconstruction, calibration, graph: copy });
    return parts && { parts, perSample: 0, files: 0 };
  }
  const schedule = reconstructionSchedule(structure, reconstruction.regions, selected);
  const crossings = await fitCrossings(request, calibration, { copy, schedule });
  const pruning = maskingWork(trials);
  const units = await prepareUnits(pruning);
  const masking = () => pruneOnTheWay(pruning, units);
  const parts = await tryReconstruction(notes, { ...trials, reconstruction, calibration, schedule, masking });
  return parts && { parts, ...crossings };
}

function maskingWork({ scene, request, context }: Trials<PruneRequest>): PruneWork {
  const { group: _, jobs: __, ...rest } = request;
  const { copy: graph, stored, selected, schedule, blocks } = scene;
  return {
    ...{ graph, stored, selected, schedule, blocks },
    request: { ...rest, method: 'magnitude', methodOptions: {}, allocation: { kind: 'uniform', overrides: [] } },
    pruner: pruners.magnitude,
    linalg: undefined,
    run: new StepsInMemory(),
    context: { ...context, emit: () => {} },
    shelf: new Shelf(),
  };
}

/** How often all calibration samples go through the regions, and what is observed there. */
function walksOf(request: PruneRequest): { walks: number; statistics: StatisticName[] } {
  const { needs } = pruners[request.method] as Pruner;
  const isOwl = request.allocation.kind === 'owl';
  const statistics = [...new Set<StatisticName>([...needs, ...(isOwl ? (['columnNorm'] as const) : [])])];
  const isDense = statistics.length > 0 && (needsScores(request) || request.statisticsFrom === 'dense');
  const isSparse = needs.length > 0 && request.group !== 'global' && request.statisticsFrom !== 'dense';
  return { walks: Number(isDense) + Number(isSparse), statistics };
}

/** The prune loop with nothing pruned and nothing kept. */
function tryWalk(
  notes: DryRunNotes,
  { scene: { copy: graph, schedule, selected }, request, engine, context: { signal } }: Trials<PruneRequest>,
  calibration: Samples,
  statistics: readonly StatisticName[],
): Promise<Trial | undefined> {
  const chosen = new Set(selected);
  return notes.run(graph, async () => {
    const types = await annotate(graph);
    const size = request.engine.batch ?? calibrationBatch(calibration);
    return tryOut(calibration, size, async (few) => {
      const walk = { graph, types, schedule, batches: batchesOf(few, size), engine, signal };
      await propagate(walk, async (stage) => {
        const layers = stage.region.layers.filter((layer) => chosen.has(layer));
        await observe(stage.graph, layers, statistics, stage.feeds, { ...stage.engine, signal });
        return new Map();
      });
    });
  });
}
