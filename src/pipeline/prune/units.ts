/** The units of a prune run: regions whose layers are pruned together, by statistics of the dense model or of the path at hand. */
import { observe } from '../../calibrate/observe.js';
import { UserError } from '../../errors.js';
import { heed } from '../../heed.js';
import type { Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import { type Pruner, pruners, type StatisticName, type Statistics, scoreLayer } from '../../prune/index.js';
import type { Region } from '../../regions/index.js';
import type { Walk } from '../../regions/propagate.js';
import type { Checkpoint } from '../../run/run-directory.js';
import { denseStatistics, observeDense, unobserved } from './dense-statistics.js';
import { type LayerPlan, needsScores, planLayers } from './layer-plan.js';
import type { Calibration, PruneResult, PruneWork } from './loop.js';
import { type LayerFacts, type PruneTask, pruneRegion } from './region.js';
import { isInAnyOrder, type PruneRequest } from './request.js';

type Observe = (layers: readonly Layer[]) => Promise<ReadonlyMap<Layer, Statistics>>;

export interface Units {
  /** Nothing has to be observed on the way: units may be pruned in any order. */
  readonly isIndependent: boolean;
  layersOf(region: Region): Layer[];
  /** @param observe statistics of layers as the path has them now; not called where they are known, or the unit is finished. */
  prune(index: number, observe: Observe): Promise<Checkpoint>;
  /** What all units pruned so far came to. */
  result(): PruneResult;
}

/**
 * Observes what has to be seen of the dense model, and plans how much every layer loses.
 * @param isObserved the process that shared out the work has seen to the former.
 */
export async function prepareUnits(work: PruneWork, { isObserved = false } = {}): Promise<Units> {
  const { request, pruner, schedule, run } = work;
  if (!isObserved) await observeForUnits(work);
  const layersOf = layersIn(work);
  const dense = denseNeeds(request, pruner).length > 0 ? denseStatistics(ownRegions(work), run) : undefined;
  const plans = await makePlans(work, dense);
  const task: PruneTask = { ...work, plans };
  const isIndependent = isInAnyOrder(request);
  const steps: Checkpoint[] = [];
  let shared: Promise<ReadonlyMap<Layer, Statistics>> | undefined;
  const statisticsOf = async (layers: Layer[], see: Observe): Promise<ReadonlyMap<Layer, Statistics>> => {
    if (isIndependent) return denselyOf(layers, dense);
    shared ??= observeShared(work, layersOf);
    const known = await shared;
    return new Map([...known, ...(await see(layers.filter((layer) => !known.has(layer))))]);
  };
  return {
    isIndependent,
    layersOf,
    async prune(index, see) {
      const layers = layersOf(schedule.regions[index] as Region);
      const step = await pruneRegion(task, index, layers, () => statisticsOf(layers, see));
      steps.push(step);
      return step;
    },
    result: () => ({
      tensors: new Map(steps.flatMap(({ tensors }) => [...tensors])),
      facts: new Map(steps.flatMap(({ facts }) => (facts as LayerFacts[]).map((fact) => [fact.name, fact] as const))),
      plans,
    }),
  };
}

export function walkOf({ graph, schedule, calibration, shelf, context }: PruneWork): Walk {
  const { batches, types, engine } = calibrationOf(calibration);
  return { graph, types, schedule, batches, engine, shelf, signal: context.signal };
}

function calibrationOf(calibration: Calibration | undefined): Calibration {
  if (calibration) return calibration;
  throw new UserError(
    'prune',
    'expected calibration data for this method or allocation, got none; name it with --calibration',
  );
}

type Dense = (layer: Layer) => Promise<Statistics>;

/** Statistics that have to be seen of the dense model before anything is pruned, if there are any. */
function denseNeeds(request: PruneRequest, { needs }: Pruner): StatisticName[] {
  if (!needsScores(request) && request.statisticsFrom !== 'dense') return [];
  return [...new Set<StatisticName>([...needs, ...(request.allocation.kind === 'owl' ? ['columnNorm' as const] : [])])];
}

const layersIn =
  ({ selected }: PruneWork) =>
  ({ layers }: Region): Layer[] => {
    const chosen = new Set(selected);
    return layers.filter((layer) => chosen.has(layer));
  };

/** The regions with the layers that are pruned alone. */
function ownRegions(work: PruneWork): Region[] {
  const layersOf = layersIn(work);
  return work.schedule.regions.map((region) => ({ ...region, layers: layersOf(region) }));
}

/** Whether everything that has to be seen of the dense model has been, by this start of the run or an earlier one. */
export async function isObserved(work: PruneWork): Promise<boolean> {
  const needs = denseNeeds(work.request, work.pruner);
  return needs.length === 0 || (await unobserved(ownRegions(work), work.run)).size === 0;
}

/** Sees to that. @param isMine the regions that are this process's. */
export async function observeForUnits(work: PruneWork, isMine?: (index: number) => boolean): Promise<void> {
  const needs = denseNeeds(work.request, work.pruner);
  if (needs.length === 0) return;
  const regions = ownRegions(work);
  const walk = walkOf({ ...work, schedule: { ...work.schedule, regions } });
  await observeDense(walk, await unobserved(regions, work.run, isMine), needs, work.run, (done, total) =>
    work.context.emit({ type: 'progress', stage: 'observe', done, total, unit: 'regions' }),
  );
}

async function denselyOf(layers: readonly Layer[], dense: Dense | undefined): Promise<Map<Layer, Statistics>> {
  const found = new Map<Layer, Statistics>();
  for (const layer of layers) found.set(layer, (await dense?.(layer)) ?? {});
  return found;
}

/** Weights used in several regions are observed over all their uses, with the whole model dense: no region sees them all. */
async function observeShared(
  work: PruneWork,
  layersOf: (region: Region) => Layer[],
): Promise<ReadonlyMap<Layer, Statistics>> {
  const { graph, schedule, pruner, context } = work;
  const shared = schedule.regions.flatMap((region) => {
    const nodes = new Set(region.nodes);
    return layersOf(region).filter(({ uses }) => uses.some(({ node }) => !nodes.has(node)));
  });
  if (shared.length === 0) return new Map();
  const { batches, engine } = calibrationOf(work.calibration);
  return observe(graph, shared, pruner.needs, batches, { ...engine, signal: context.signal });
}

/** Where every score counts for it, the plan is a step of the run: it is not made again by other processes or starts. */
async function makePlans(work: PruneWork, dense: Dense | undefined): Promise<ReadonlyMap<string, LayerPlan>> {
  if (!needsScores(work.request)) return planned(work, dense);
  return new Map(await work.run.remember('plan', async () => [...(await planned(work, dense))]));
}

async function planned(work: PruneWork, dense: Dense | undefined): Promise<Map<string, LayerPlan>> {
  const { request, stored, selected, blocks, pruner } = work;
  const chosen = new Set(selected);
  const score = async (by: Pruner, layer: Layer): Promise<Float32Array> => {
    await heed(work.context.signal);
    const { layout } = layer;
    const weight = { ...layout, data: readMatrices(stored.get(layer.name) as Layer) };
    const { seed, methodOptions: options } = request;
    const { linalg } = work;
    return scoreLayer(by, {
      layer: layer.name,
      weight,
      statistics: (await dense?.(layer)) ?? {},
      seed,
      options,
      ...(linalg && { linalg }),
    });
  };
  const grouped = blocks.map(({ layers }) => layers.filter((layer) => chosen.has(layer)));
  const plans = await planLayers(
    selected,
    grouped.filter((layers) => layers.length > 0),
    request,
    {
      criterion: (layer) => score(pruner, layer),
      wanda: (layer) => score(pruners.wanda, layer),
    },
  );
  return new Map([...plans].map(([layer, plan]) => [layer.name, plan]));
}
