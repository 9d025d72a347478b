/** The prune loop: statistics, plans and regions in the order that the request asks for. */
import { observe } from '../calibrate/observe.js';
import { UserError } from '../errors.js';
import type { Graph, TensorType, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import { readMatrices } from '../ops/matrices.js';
import { type Pruner, pruners, type StatisticName, type Statistics, scoreLayer } from '../prune/index.js';
import type { Region, Schedule } from '../regions/index.js';
import { type Feeds, propagate, type Walk } from '../regions/propagate.js';
import type { Checkpoint } from '../run/run-directory.js';
import type { CompileOptions } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { float32, type Tensor } from '../tensor/tensor.js';
import { denseStatistics } from './dense-statistics.js';
import { type LayerPlan, needsScores, planLayers } from './layer-plan.js';
import { type LayerFacts, type PruneTask, pruneRegion } from './prune-region.js';

export interface PruneWork extends Omit<PruneTask, 'plans'> {
  /** The float32 working copy, and its layers by name. */
  readonly graph: Graph;
  readonly selected: readonly Layer[];
  readonly schedule: Schedule;
  /** The layers by the unit that the network repeats: OWL measures over these. */
  readonly blocks: readonly Region[];
  /** Absent for criteria that look at weights alone. */
  readonly calibration?: Calibration;
}

export interface Calibration {
  readonly batches: Iterable<Feeds>;
  readonly types: ReadonlyMap<Value, TensorType>;
  readonly engine: CompileOptions;
}

export interface PruneResult {
  /** What the model stores now, by layer name; in files of the run directory. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly facts: ReadonlyMap<string, LayerFacts>;
  readonly plans: ReadonlyMap<string, LayerPlan>;
}

/** Prunes the selected layers region by region. Stops between two runs when the context's signal aborts; resumes from the run directory. */
export async function pruneRegions(work: PruneWork): Promise<PruneResult> {
  const { request, pruner, context, schedule } = work;
  const chosen = new Set(work.selected);
  const layersOf = (region: Region): Layer[] => region.layers.filter((layer) => chosen.has(layer));
  const wholeModel = needsScores(request) || (pruner.needs.length > 0 && request.statisticsFrom === 'dense');
  const dense = wholeModel ? await observeDense(work, layersOf) : undefined;
  const plans = await makePlans(work, dense);
  const task: PruneTask = { ...work, plans };

  const steps: Checkpoint[] = [];
  const tell = (done: number): void =>
    context.emit({ type: 'progress', stage: 'prune', done, total: schedule.regions.length, unit: 'regions' });
  const pruneStep = async (
    index: number,
    region: Region,
    read: (layers: Layer[]) => Promise<ReadonlyMap<Layer, Statistics>>,
  ) => {
    const layers = layersOf(region);
    const step = await pruneRegion(task, index, layers, () => read(layers));
    steps.push(step);
    tell(index + 1);
    return step;
  };
  tell(0);

  const usesDense = request.group === 'global' || request.statisticsFrom === 'dense';
  if (pruner.needs.length === 0 || (dense && usesDense)) {
    const read = dense ?? (() => ({}));
    for (const [index, region] of schedule.regions.entries()) {
      await pruneStep(index, region, async (layers) => new Map(layers.map((layer) => [layer, read(layer)])));
    }
  } else {
    const shared = await observeShared(work, layersOf);
    await propagate(walkOf(work), async ({ index, region, graph, feeds, engine }) => {
      const step = await pruneStep(index, region, async (layers) => {
        const own = layers.filter((layer) => !shared.has(layer));
        const options = { ...engine, signal: context.signal };
        return new Map([...shared, ...(await observe(graph, own, pruner.needs, feeds, options))]);
      });
      return forWorkingCopy(layersOf(region), step);
    });
  }
  return {
    tensors: new Map(steps.flatMap(({ tensors }) => [...tensors])),
    facts: new Map(steps.flatMap(({ facts }) => (facts as LayerFacts[]).map((fact) => [fact.name, fact] as const))),
    plans,
  };
}

function walkOf({ graph, schedule, calibration, context }: PruneWork): Walk {
  const { batches, types, engine } = calibrationOf(calibration);
  return { graph, types, schedule, batches, engine, signal: context.signal };
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

/** Stored tensors as the float32 working copy holds them: later regions see what rounding left. */
export function forWorkingCopy(layers: readonly Layer[], { tensors }: Pick<Checkpoint, 'tensors'>): Map<Value, Tensor> {
  return new Map(
    layers.flatMap((layer) => {
      const stored = tensors.get(layer.name);
      if (!stored) return [];
      return [[layer.weight, stored.dtype === layer.dtype ? stored : float32(stored.shape, floatsOf(stored))] as const];
    }),
  );
}
