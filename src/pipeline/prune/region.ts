/** Prunes the selected layers of one region and keeps the result on disk: a finished region is never done again. */
import { heed } from '../../heed.js';
import type { Layer } from '../../ops/layers.js';
import { readMatrices, settleMatrices, storageError } from '../../ops/matrices.js';
import { type Products, type Pruned, type Pruner, pruneLayer, type Statistics } from '../../prune/index.js';
import type { Checkpoint, Steps } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Tensor } from '../../tensor/tensor.js';
import { outputError, relativeChange, zerosIn } from './change.js';
import { masksName, packed } from './kept-masks.js';
import { type LayerPlan, segmentOf } from './layer-plan.js';
import type { PruneRequest } from './request.js';

/** What happened to one layer. */
export interface LayerFacts {
  readonly name: string;
  readonly zerosBefore: number;
  readonly zerosAfter: number;
  /** ‖W - Ŵ‖ / ‖W‖ (Frobenius). */
  readonly weightError: number;
  /** ‖(W - Ŵ) X‖ / ‖W X‖ on the calibration data, where the Gram matrix of X was observed. */
  readonly outputError?: number;
  readonly notes: readonly string[];
  /** Why the layer was left as it was. */
  readonly skipped?: string;
}

export interface PruneTask {
  readonly request: PruneRequest;
  readonly pruner: Pruner;
  /** The layers as the model stores them, by name; regions hold those of the working copy. */
  readonly stored: ReadonlyMap<string, Layer>;
  readonly plans: ReadonlyMap<string, LayerPlan>;
  readonly linalg: Products | undefined;
  readonly run: Steps;
  readonly context: JobContext;
}

const stepName = (index: number): string => `region-${String(index).padStart(4, '0')}`;

/** Whether an earlier start of the run has pruned all of so many regions. */
export async function areAllPruned(run: Steps, count: number): Promise<boolean> {
  for (let index = 0; index < count; index++) if (!(await run.checkpoint(stepName(index)))) return false;
  return true;
}

/** The region's step in the run directory, made now unless it is there: new tensors by layer name, and `LayerFacts`. */
export async function pruneRegion(
  task: PruneTask,
  index: number,
  layers: readonly Layer[],
  observe: () => Promise<ReadonlyMap<Layer, Statistics>>,
): Promise<Checkpoint> {
  const step = stepName(index);
  const keepsMasks = task.request.reconstruction !== undefined;
  const finished = await task.run.checkpoint(step);
  if (finished && (!keepsMasks || (await task.run.checkpoint(masksName(index))))) return finished;
  const statistics = layers.length > 0 ? await observe() : new Map<Layer, Statistics>();
  const tensors = new Map<string, Tensor>();
  const masks = new Map<string, Tensor>();
  const facts: LayerFacts[] = [];
  for (const layer of layers) {
    await heed(task.context.signal);
    const result = await pruneOne(task, layer.name, statistics.get(layer) ?? {});
    if (result.tensor) tensors.set(layer.name, result.tensor);
    if (result.mask && keepsMasks) masks.set(layer.name, result.mask);
    facts.push(result.facts);
  }
  if (keepsMasks) await task.run.write(masksName(index), masks, null);
  return task.run.write(step, tensors, facts);
}

async function pruneOne(
  task: PruneTask,
  name: string,
  statistics: Statistics,
): Promise<{ facts: LayerFacts; tensor?: Tensor; mask?: Tensor }> {
  const { request, pruner, linalg, context } = task;
  const layer = task.stored.get(name) as Layer;
  const plan = task.plans.get(name) as LayerPlan;
  const weight = { ...layer.layout, data: readMatrices(layer) };
  const log = (text: string): void => {
    task.run.log(`${name}: ${text}`);
    context.emit({ type: 'log', level: 'info', text: `${name}: ${text}` });
  };
  const pruned = await pruneLayer(pruner, {
    layer: name,
    weight,
    statistics,
    pattern: plan.pattern,
    segment: segmentOf(layer),
    selection: request.selection,
    seed: request.seed,
    options: request.methodOptions,
    signal: context.signal,
    log,
    ...(request.group && { group: request.group }),
    ...(plan.remove !== undefined && { remove: plan.remove }),
    ...(linalg && { linalg }),
  });
  const zerosBefore = zerosIn(weight.data);
  if (pruned.skipped !== undefined) {
    const facts = { name, zerosBefore, zerosAfter: zerosBefore, weightError: 0, notes: [], skipped: pruned.skipped };
    return { facts };
  }
  const { tensor, after } = settleMatrices(layer, pruned.weight, pruned.mask, weight.data);
  const error = statistics.gram && linalg ? await outputError(weight, after, statistics.gram, linalg) : undefined;
  const facts: LayerFacts = {
    name,
    zerosBefore,
    zerosAfter: zerosIn(after),
    weightError: relativeChange(weight.data, after),
    ...(error !== undefined && { outputError: error }),
    notes: [...pruned.notes, ...roundingNote(layer, pruned, tensor)],
  };
  return { facts, tensor, mask: packed(pruned.mask, weight.data) };
}

/** Says how far requantisation moved the weights that a criterion had changed. */
function roundingNote(layer: Layer, pruned: Pruned, tensor: Tensor): string[] {
  if (!layer.quantization) return [];
  const error = storageError(layer, pruned.weight, pruned.mask, tensor);
  return error > 0 ? [`requantised with the model's scale: largest difference ${error.toPrecision(3)}`] : [];
}
