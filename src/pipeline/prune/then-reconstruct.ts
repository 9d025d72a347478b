/** Pruning and reconstruction in one pass: each region is pruned when the walk reaches it, fitted, and left behind. */
import type { Samples } from '../../data/index.js';
import type { Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import { withWeights } from '../../regions/propagate.js';
import { annotate } from '../../runtime/annotate.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Engine } from '../engine.js';
import type { Share } from '../parts.js';
import { fitData } from '../reconstruct/data.js';
import { type Reconstructed, reconstructRegions } from '../reconstruct/loop.js';
import { solveInParts } from '../reconstruct/parts.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { retrain } from '../reconstruct/retrain.js';
import { reconstructionSchedule } from '../reconstruct/scene.js';
import { WeightPlaces } from '../reconstruct/weight-places.js';
import { relativeChange, zerosIn } from './change.js';
import { masksIn } from './kept-masks.js';
import { forWorkingCopy, type PruneResult, type PruneWork, pruneRegions } from './loop.js';
import { pruneOnTheWay } from './on-the-way.js';
import { preparedUnits, prunePart } from './parts.js';
import type { LayerFacts } from './region.js';
import type { Scene } from './scene.js';
import { prepareUnits } from './units.js';

/** Pruning first, then the whole model trained on what the calibration data says. */
export async function pruneAndRetrain(
  work: PruneWork,
  scene: Scene,
  request: ReconstructionRequest,
  samples: Samples,
  engine: Engine,
): Promise<PruneResult> {
  const { copy, selected, stored, model } = scene;
  const pruned = await pruneRegions(work, await preparedUnits(work, engine));
  const weights = forWorkingCopy(selected, pruned);
  const { seed } = work.request;
  const { run, context } = work;
  const found = await retrain({
    ...{ request, seed, samples, engine, run, context },
    graph: withWeights(copy, weights),
    layers: selected.filter(({ weight }) => weights.has(weight)),
    maskOf: masksIn(run, work.schedule.regions),
    places: new WeightPlaces(model.graph, stored),
  });
  return afterwards(pruned, stored, found);
}

/** @param work without calibration: the same data serves statistics and descent. */
export async function pruneAndReconstruct(
  work: Omit<PruneWork, 'calibration'>,
  scene: Scene,
  request: ReconstructionRequest,
  samples: Samples,
  engine: Engine,
  share?: Share,
): Promise<PruneResult> {
  const { seed } = work.request;
  const { copy: graph, structure, selected, stored } = scene;
  const types = await annotate(graph);
  const data = fitData(samples, request, seed);
  const pruning: PruneWork = { ...work, calibration: { batches: data.batches, types, engine } };
  if (share && share.task !== 'reconstruct') return prunePart(pruning, share);
  const units = share ? await prepareUnits(pruning, { isObserved: true }) : await preparedUnits(pruning, engine);
  const plan = reconstructionSchedule(structure, request.regions, selected);
  if (!share && (work.request.jobs ?? 1) > 1) await solveInParts({ ...work, engine }, { graph, schedule: plan });
  const found = await reconstructRegions({
    request,
    seed,
    graph,
    types,
    schedule: plan,
    masking: pruneOnTheWay(pruning, units),
    places: new WeightPlaces(scene.model.graph, stored),
    data,
    engine,
    shelf: work.shelf,
    run: work.run,
    context: work.context,
    ...(share && { isMine: share.isMine }),
  });
  return afterwards(units.result(), stored, found);
}

/** What pruning came to, and what was made of it. */
const afterwards = ({ facts, ...pruned }: PruneResult, stored: Scene['stored'], found: Reconstructed): PruneResult => ({
  ...pruned,
  tensors: new Map([...pruned.tensors, ...found.tensors]),
  facts: new Map(
    [...facts].map(([name, before]) => [name, factsAfter(stored.get(name)!, before, found.tensors.get(name))]),
  ),
  added: found.added,
  reconstruction: found,
});

/** The facts of a layer whose weights moved after it was pruned. */
export function factsAfter(layer: Layer, facts: LayerFacts, weight: Tensor | undefined): LayerFacts {
  if (!weight) return facts;
  const [before, after] = [readMatrices(layer), readMatrices(layer, weight)];
  const { outputError: _, ...rest } = facts;
  return { ...rest, zerosAfter: zerosIn(after), weightError: relativeChange(before, after) };
}
