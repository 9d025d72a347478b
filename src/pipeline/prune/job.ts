/** The job of `scalpel prune`: a model and a request in, a pruned model and a report out. */
import { join } from 'node:path';
import { batchesOf, type Samples } from '../../data/index.js';
import { checkSpace } from '../../files/space.js';
import { createLinalg } from '../../linalg/index.js';
import { patternOf } from '../../masks/patterns.js';
import { type Pruner, pruners } from '../../prune/index.js';
import type { PruneReport } from '../../report/prune-report.js';
import type { RunDirectory } from '../../run/run-directory.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { checkPlaces } from '../making/check-outputs.js';
import { makeModel } from '../making/make-model.js';
import { pruneOptions } from '../making/manifest.js';
import { checkModelOutputs } from '../making/model-outputs.js';
import { type Data, settingsOf } from '../making/results.js';
import { spillOf } from '../making/space.js';
import { shelfIn } from '../memory.js';
import { openData, openGivenCalibration } from '../open-data.js';
import type { Share } from '../parts.js';
import { checkBeside } from '../reconstruct/check-beside.js';
import { checkPlan, needsScores } from './layer-plan.js';
import { type PruneResult, type PruneWork, pruneRegions } from './loop.js';
import { preparedUnits, prunePart } from './parts.js';
import { type PrunePlan, planOf } from './plan.js';
import { reordered } from './reorder.js';
import type { PruneRequest } from './request.js';
import { type Scene, setScene } from './scene.js';
import { pruneAndReconstruct, pruneAndRetrain } from './then-reconstruct.js';

/** @returns the report of a run, or the plan of a dry one. */
export async function run(request: PruneRequest, context: JobContext): Promise<PruneReport | PrunePlan> {
  checkPlan(request);
  if (request.output) checkPlaces(request.output);
  const scene = setScene(request);
  if (request.output) await checkModelOutputs(scene, request, request.output);
  checkBeside(scene, request.reconstruction);
  announce(scene, request, context);
  const calibration = await openGivenCalibration(scene.copy, request.model, request.calibration);
  context.signal.throwIfAborted();
  const evaluation = request.evaluation && (await openData(scene.copy, request.model, request.evaluation));
  context.signal.throwIfAborted();
  const data = { calibration, evaluation };
  if (!request.output) return planOf(scene, request);
  return makeModel(
    {
      command: 'prune',
      request,
      output: request.output,
      scene,
      data,
      options: pruneOptions(request),
      settings: (manifest) => settingsOf(request, manifest),
      make: (engine, run, drawn) => pruneScene(request, scene, drawn, engine, run, context),
    },
    context,
  );
}

/** @param share what of it is done here, where several processes share it. */
export async function pruneScene(
  request: PruneRequest,
  scene: Scene,
  data: Data,
  engine: Engine,
  run: RunDirectory,
  context: JobContext,
  share?: Share,
): Promise<PruneResult> {
  if (!request.permute) return pruneInOrder(request, scene, data, engine, run, context, share);
  const { calibration } = data;
  const found = await reordered({ request, scene, calibration, engine, run, context }, calibrationBatch);
  const { moved, report, id } = found;
  const pruned = await pruneInOrder(request, found.scene, data, engine, run, context, share);
  return { ...pruned, tensors: new Map([...moved, ...pruned.tensors]), order: { report, ...(id && { id }) } };
}

async function pruneInOrder(
  request: PruneRequest,
  scene: Scene,
  { calibration }: Data,
  engine: Engine,
  run: RunDirectory,
  context: JobContext,
  share?: Share,
): Promise<PruneResult> {
  const pruner: Pruner = pruners[request.method];
  const linalg = await createLinalg({ threads: engine.threads });
  try {
    const { copy: graph, stored, selected, schedule, blocks } = scene;
    const shelf = shelfIn(join(run.path, `activations${share?.name ?? ''}`), request.engine);
    const work = { request, pruner, stored, linalg, run, context, graph, selected, schedule, blocks, shelf };
    const { reconstruction } = request;
    if (reconstruction && !reconstruction.retrain && calibration) {
      return await pruneAndReconstruct(work, scene, reconstruction, calibration, engine, share);
    }
    const observed = { ...work, ...(await observable(request, scene, calibration, engine, run)) };
    if (share) return await prunePart(observed, share);
    if (reconstruction && calibration)
      return await pruneAndRetrain(observed, scene, reconstruction, calibration, engine);
    return await pruneRegions(observed, await preparedUnits(observed, engine));
  } finally {
    await linalg.release();
  }
}

/** What criteria are shown, where one looks at data. */
async function observable(
  request: PruneRequest,
  scene: Scene,
  samples: Samples | undefined,
  engine: Engine,
  run: RunDirectory,
): Promise<Pick<PruneWork, 'calibration'>> {
  const { needs }: Pruner = pruners[request.method];
  if (!samples || !(needs.length > 0 || needsScores(request))) return {};
  checkSpace([{ path: run.path, bytes: (await spillOf(scene, request, samples)).files }]);
  const types = await annotate(scene.copy);
  const batches = batchesOf(samples, request.engine.batch ?? calibrationBatch(samples));
  return { calibration: { batches, types, engine } };
}

/** Runs of about two thousand tokens, or of 32 samples: larger ones are hardly faster and hold more memory. */
export const calibrationBatch = ({ tokens }: Samples): number =>
  tokens ? Math.max(1, Math.floor(2048 / (tokens.shape[1] as number))) : 32;

const say = (context: JobContext, text: string): void => context.emit({ type: 'log', level: 'info', text });

function announce({ selected, matches, schedule }: Scene, request: PruneRequest, context: JobContext): void {
  for (const { pattern, layers } of matches) say(context, `'${pattern}' matches ${layers.join(', ')}`);
  const count = schedule.regions.length;
  say(context, `${request.method} ${patternOf(request.pattern).text} on ${selected.length} layers in ${count} regions`);
}
