/** The units of a prune run: regions whose layers are pruned together, by statistics of the dense model or of the path at hand. */
import { observe } from '../calibrate/observe.js';
import { UserError } from '../errors.js';
import type { Layer } from '../ops/layers.js';
import { readMatrices } from '../ops/matrices.js';
import { type Pruner, pruners, type StatisticName, type Statistics, scoreLayer } from '../prune/index.js';
import type { Region } from '../regions/index.js';
import type { Walk } from '../regions/propagate.js';
import type { Checkpoint } from '../run/run-directory.js';
import { denseStatistics } from './dense-statistics.js';
import { type LayerPlan, needsScores, planLayers } from './layer-plan.js';
import type { Calibration, PruneResult, PruneWork } from './prune-loop.js';
import { type LayerFacts, type PruneTask, pruneRegion } from './prune-region.js';

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

/** Observes what has to be seen of the dense model, and plans how much every layer loses. */
export async function prepareUnits(work: PruneWork): Promise<Units> {
  const { request, pruner, schedule } = work;
  const chosen = new Set(work.selected);
  const layersOf = (region: Region): Layer[] => region.layers.filter((layer) => chosen.has(layer));
  const wholeModel = needsScores(request) || (pruner.needs.length > 0 && request.statisticsFrom === 'dense');
  const dense = wholeModel ? await observeDense(work, layersOf) : undefined;
  const plans = await makePlans(work, dense);
  const task: PruneTask = { ...work, plans };
  const usesDense = request.group === 'global' || request.statisticsFrom === 'dense';
  const isIndependent = pruner.needs.length === 0 || (dense !== undefined && usesDense);
  const steps: Checkpoint[] = [];
  let shared: Promise<ReadonlyMap<Layer, Statistics>> | undefined;
  const statisticsOf = async (layers: Layer[], see: Observe): Promise<ReadonlyMap<Layer, Statistics>> => {
    if (isIndependent) return new Map(layers.map((layer) => [layer, dense?.(layer) ?? {}]));
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

async function observeDense(
  work: PruneWork,
  layersOf: (region: Region) => Layer[],
): Promise<(layer: Layer) => Statistics> {
  const { request, pruner, schedule, context } = work;
  const needs = new Set<StatisticName>(pruner.needs);
  if (request.allocation.kind === 'owl') needs.add('columnNorm');
  if (needs.size === 0) return () => ({});
  const walk = walkOf({
    ...work,
    schedule: { ...schedule, regions: schedule.regions.map((region) => ({ ...region, layers: layersOf(region) })) },
  });
  const total = schedule.regions.length;
  const tell = (done: number): void =>
    context.emit({ type: 'progress', stage: 'observe', done, total, unit: 'regions' });
  tell(0);
  return denseStatistics(walk, [...needs], work.run, tell);
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

async function makePlans(
  work: PruneWork,
  dense: ((layer: Layer) => Statistics) | undefined,
): Promise<Map<string, LayerPlan>> {
  const { request, stored, selected, blocks, pruner } = work;
  const chosen = new Set(selected);
  const score = async (by: Pruner, layer: Layer): Promise<Float32Array> => {
    work.context.signal.throwIfAborted();
    const { layout } = layer;
    const weight = { ...layout, data: readMatrices(stored.get(layer.name) as Layer) };
    const { seed, methodOptions: options } = request;
    const { linalg } = work;
    return scoreLayer(by, {
      layer: layer.name,
      weight,
      statistics: dense?.(layer) ?? {},
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
