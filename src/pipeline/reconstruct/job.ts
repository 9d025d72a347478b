/** The job of `scalpel reconstruct`: a pruned model, the dense one and data in, the pruned model with better weights out. */
import { join } from 'node:path';
import type { Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import { choiceText } from '../../regions/index.js';
import { withWeights } from '../../regions/propagate.js';
import type { PruneReport, PruneSettings } from '../../report/prune-report.js';
import type { Manifest, RunDirectory } from '../../run/run-directory.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { checkPlaces } from '../making/check-outputs.js';
import { makeModel } from '../making/make-model.js';
import { checkModelOutputs } from '../making/model-outputs.js';
import type { Data } from '../making/results.js';
import { shelfIn } from '../memory.js';
import { openData, openGivenCalibration } from '../open-data.js';
import type { Share } from '../parts.js';
import { zerosIn } from '../prune/change.js';
import type { PruneResult } from '../prune/loop.js';
import type { OutputRequest } from '../prune/request.js';
import type { Scene } from '../prune/scene.js';
import { factsAfter } from '../prune/then-reconstruct.js';
import { checkBeside } from './check-beside.js';
import { fitData } from './data.js';
import { type Masking, type Reconstructed, reconstructRegions } from './loop.js';
import { solveInParts } from './parts.js';
import type { ReconstructRequest } from './request.js';
import { reconstructionSettings } from './results.js';
import { retrain } from './retrain.js';
import { setReconstructScene } from './scene.js';
import { WeightPlaces } from './weight-places.js';
import { zerosRemoved } from './zeros-removed.js';

export async function run(
  request: ReconstructRequest & { readonly output: OutputRequest },
  context: JobContext,
): Promise<PruneReport> {
  const { output, dense, reconstruction } = request;
  checkPlaces(output);
  const scene = setReconstructScene(request);
  await checkModelOutputs(scene, request, output);
  checkBeside(scene, reconstruction);
  announce(scene, request, context);
  const calibration = await openGivenCalibration(scene.copy, dense, request.calibration);
  context.signal.throwIfAborted();
  const evaluation = request.evaluation && (await openData(scene.copy, dense, request.evaluation));
  context.signal.throwIfAborted();
  const data: Data = { calibration, evaluation };
  return makeModel(
    {
      command: 'reconstruct',
      request,
      output,
      scene,
      data,
      options: { dense, reconstruction },
      settings: (manifest) => settingsOf(request, manifest),
      make: (engine, directory, drawn) => reconstructScene(request, scene, drawn, engine, directory, context),
    },
    context,
  );
}

/** @param share what of it is done here, where several processes do it. */
export async function reconstructScene(
  request: ReconstructRequest,
  scene: Scene,
  { calibration }: Data,
  engine: Engine,
  run: RunDirectory,
  context: JobContext,
  share?: Share,
): Promise<PruneResult> {
  const { reconstruction, seed } = request;
  const { copy: graph, schedule, stored, selected, model } = scene;
  const places = new WeightPlaces(model.graph, stored);
  if (reconstruction.retrain) {
    const weights = withWeights(graph, scene.pruned!.weights);
    const own = { request: reconstruction, seed, samples: calibration!, engine, run, context };
    return resultOf(scene, await retrain({ ...own, graph: weights, layers: selected, maskOf: zerosRemoved, places }));
  }
  if (!share && (request.jobs ?? 1) > 1) await solveInParts({ request, engine, run, context }, { graph, schedule });
  const found = await reconstructRegions({
    request: reconstruction,
    seed,
    graph,
    types: await annotate(graph),
    schedule,
    masking: alreadyPruned(scene),
    places,
    data: fitData(calibration!, reconstruction, seed),
    engine,
    shelf: shelfIn(join(run.path, `activations${share?.name ?? ''}`), request.engine),
    run,
    context,
    ...(share && { isMine: share.isMine }),
  });
  return resultOf(scene, found);
}

function resultOf({ selected, stored }: Scene, found: Reconstructed): PruneResult {
  const layers = selected.map(({ name }) => stored.get(name) as Layer);
  const facts = layers.map((layer) => {
    const zeros = zerosIn(readMatrices(layer));
    const before = { name: layer.name, zerosBefore: zeros, zerosAfter: zeros, weightError: 0, notes: [] };
    return [layer.name, factsAfter(layer, before, found.tensors.get(layer.name))] as const;
  });
  const plans = facts.map(([name, { zerosBefore }]) => {
    const sparsity = zerosBefore / (stored.get(name) as Layer).positions;
    return [name, { pattern: { kind: 'unstructured', sparsity }, sparsity }] as const;
  });
  return {
    tensors: found.tensors,
    facts: new Map(facts),
    plans: new Map(plans),
    added: found.added,
    reconstruction: found,
  };
}

/** The sparse path starts with all weights of the pruned model. */
export function alreadyPruned({ pruned, selected }: Scene): Masking {
  const chosen = new Set(selected);
  return {
    keepsSparse: false,
    before: async ({ index }) => (index === 0 ? pruned!.weights : new Map()),
    isPruned: (layer) => chosen.has(layer),
    maskOf: zerosRemoved,
  };
}

function settingsOf(
  { reconstruction, seed, layers }: ReconstructRequest,
  { threads, provider }: Manifest,
): PruneSettings {
  return {
    method: whatIsDone(reconstruction),
    reconstruction: reconstructionSettings(reconstruction),
    seed,
    threads,
    provider,
    ...layers,
    options: {},
  };
}

function announce({ selected, matches }: Scene, { reconstruction }: ReconstructRequest, context: JobContext): void {
  const say = (text: string): void => context.emit({ type: 'log', level: 'info', text });
  for (const { pattern, layers } of matches) say(`'${pattern}' matches ${layers.join(', ')}`);
  say(`${whatIsDone(reconstruction)}: ${selected.length} layers`);
}

const whatIsDone = ({ retrain, regions }: ReconstructRequest['reconstruction']): string =>
  retrain ? 'retraining' : `reconstruction by ${choiceText(regions)}`;
