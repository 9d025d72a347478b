/** The job of `scalpel prune --dry-run`: the plan, one sample through everything that would be run, and what it would take. */
import { existsSync } from 'node:fs';
import { observe } from '../calibrate/observe.js';
import { batchesOf, type Samples } from '../data/index.js';
import { checkSpace } from '../files/space.js';
import { savedFiles } from '../onnx/save.js';
import { type Pruner, pruners, type StatisticName } from '../prune/index.js';
import { propagate } from '../regions/propagate.js';
import { annotate } from '../runtime/annotate.js';
import type { JobContext } from '../runtime/job-protocol.js';
import { checkBeside } from './check-beside.js';
import { checkFiles, checkPlaces } from './check-outputs.js';
import type { Estimate, EstimatedPart } from './dry-run.js';
import { hashingSeconds, heldPerCrossing, pruningSeconds, savingSeconds, sizingSeconds } from './dry-run-costs.js';
import { forwardPart, tryForward } from './dry-run-forward.js';
import { DryRunNotes } from './dry-run-notes.js';
import { type Trial, tryOut } from './dry-run-trial.js';
import { type Engine, startEngine } from './engine.js';
import { checkPlan, needsScores } from './layer-plan.js';
import { fitsWhole, memoryOf } from './memory.js';
import { placesOf } from './model-outputs.js';
import { openData, openGivenCalibration } from './open-data.js';
import { peakMemory } from './peak-memory.js';
import { calibrationBatch } from './prune-job.js';
import { type PruneDryRun, planOf } from './prune-plan.js';
import type { OutputRequest, PruneRequest } from './prune-request.js';
import { type Scene, setScene } from './prune-scene.js';
import { spaceFor, spillOf } from './prune-space.js';

interface Trials {
  readonly scene: Scene;
  readonly request: PruneRequest;
  readonly calibration: Samples | undefined;
  readonly evaluation: Samples | undefined;
  readonly engine: Engine;
  readonly context: JobContext;
}

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: PruneRequest, context: JobContext): Promise<PruneDryRun> {
  checkPlan(request);
  const notes = new DryRunNotes('prune');
  const scene = setScene(request);
  notes.model(scene.model);
  await notes.attempt(() => checkBeside(scene, request.reconstruction));
  if (request.output) await lookAtOutputs(notes, scene, request, request.output);
  const { model } = request;
  const calibration = await openGivenCalibration(scene.copy, model, request.calibration);
  if (calibration) notes.data('calibration', calibration);
  const evaluation = request.evaluation && (await openData(scene.copy, model, request.evaluation));
  if (evaluation) notes.data('evaluation', evaluation);
  if (request.reconstruction) notes.warn('the time that the reconstruction takes is not estimated');
  const engine = await startEngine(request.engine, context);
  const estimate = await tryAll(notes, { scene, request, calibration, evaluation, engine, context });
  const plan = await planOf(scene, request);
  const { kind: _, warnings, ...found } = notes.finish(request.engine, estimate);
  return { ...plan, ...found, warnings: [...plan.warnings, ...warnings] };
}

async function lookAtOutputs(
  notes: DryRunNotes,
  scene: Scene,
  request: PruneRequest,
  output: OutputRequest,
): Promise<void> {
  const { outputs, inputs } = placesOf(scene, request, output);
  const sizes = new Map(savedFiles(scene.model, output.model).map(({ path, bytes }) => [path, bytes]));
  for (const path of outputs) notes.output(path, sizes.get(path));
  if (existsSync(output.run)) notes.warn(`${output.run} exists: a run with these options would go on from it`);
  await notes.attempt(() => checkPlaces(output));
  await notes.attempt(() => checkFiles({ outputs, inputs, force: output.force }));
  await notes.attempt(() => checkSpace(spaceFor(scene, request, output, existsSync(output.run))));
}

/** Undefined where a trial did not go through. */
async function tryAll(notes: DryRunNotes, trials: Trials): Promise<Estimate | undefined> {
  const { scene, request, calibration, evaluation } = trials;
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
  if (evaluation && request.evaluation) {
    const { metric } = request.evaluation;
    const asked = { graph: scene.copy, samples: evaluation, metric, wanted: request.engine };
    const trial = await tryForward(notes, { ...asked, engine: trials.engine, signal: trials.context.signal });
    if (!trial) return undefined;
    parts.push(forwardPart('evaluate before and after', evaluation, trial, 2));
    parts.push(latencyPart(trials, trial));
  }
  parts.push({ what: `prune by ${request.method}`, seconds: pruningSeconds(request, scene.selected) });
  parts.push(...outputParts(trials));
  const batch = calibration ? (request.engine.batch ?? calibrationBatch(calibration)) : 0;
  const output = request.output && spaceFor(scene, request, request.output, existsSync(request.output.run));
  return {
    seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    parts,
    memoryBytes: peakMemory() + workingBytes(scene) + heldPerCrossing * perSample * batch + waiting(trials, perSample),
    diskBytes: files + (output ?? []).reduce((sum, { bytes }) => sum + bytes, 0),
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
  { scene: { copy: graph, schedule, selected }, request, engine, context: { signal } }: Trials,
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

/** 33 runs of one sample for each of the two models, or five seconds of them. */
function latencyPart({ scene, request }: Trials, trial: Trial): EstimatedPart {
  if (!fitsWhole(scene.model.graph, memoryOf(request.engine), 2)) return { what: 'latency (left out)', seconds: 0 };
  const runs = Math.max(8 * trial.secondsPerSample, Math.min(5, 33 * trial.secondsPerSample));
  return { what: 'latency of both models', seconds: 2 * (runs + trial.fixedSeconds) };
}

function outputParts({ scene, request }: Trials): EstimatedPart[] {
  if (!request.output) return [];
  const bytes = savedFiles(scene.model, request.output.model).map((file) => file.bytes);
  const whole = bytes.reduce((sum, each) => sum + each, 0);
  return [
    { what: 'hash inputs', seconds: hashingSeconds(whole) },
    { what: 'save', seconds: savingSeconds(whole) },
    { what: 'measure sizes', seconds: sizingSeconds(bytes) },
  ];
}

/** The largest layer in six forms (stored, read, scored, pruned, settled, stored again) and what its region keeps until it is written. */
function workingBytes({ schedule, selected }: Scene): number {
  const chosen = new Set(selected);
  const bytes = schedule.regions.map(({ layers }) =>
    layers.filter((layer) => chosen.has(layer)).map((layer) => 4 * layer.positions),
  );
  const largest = Math.max(0, ...bytes.flat());
  const region = Math.max(0, ...bytes.map((each) => each.reduce((sum, one) => sum + one, 0)));
  return 6 * largest + region;
}

/** What waits between regions in memory. */
const waiting = ({ request, calibration }: Trials, perSample: number): number =>
  Math.min(memoryOf(request.engine) / 4, perSample * (calibration?.count ?? 0));
