/** How much a prune run will write, and where. */
import { feedsFor, type Samples } from '../../data/index.js';
import type { SpaceNeed } from '../../files/space.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { savedFiles } from '../../onnx/save.js';
import type { Layer } from '../../ops/layers.js';
import { type Pruner, pruners } from '../../prune/index.js';
import { crossingBytes } from '../../regions/crossing-bytes.js';
import { annotate } from '../../runtime/annotate.js';
import type { Tensor } from '../../tensor/tensor.js';
import { shelfMemory } from '../memory.js';
import { needsScores } from '../prune/layer-plan.js';
import type { OutputRequest, RunRequest } from '../prune/request.js';
import type { Scene } from '../prune/scene.js';
import type { MakingRequest } from './request.js';

/** What tells how much is kept on the way. */
export type SpaceScene = Pick<Scene, 'model' | 'stored' | 'selected' | 'blocks'>;

/** A page with its charts, and the document. */
const reportBytes = 4e6;

/** Manifest, log, facts and headers. */
const bookkeepingBytes = 1e6;

/** The model, the report and the run directory, which a resumed run has filled already. */
export function spaceFor(
  scene: SpaceScene,
  request: MakingRequest,
  output: OutputRequest,
  isResumed: boolean,
): SpaceNeed[] {
  const model = savedFiles(scene.model, output.model).reduce((sum, { bytes }) => sum + bytes, 0);
  // a reconstruction keeps every weight once more
  const steps = request.reconstruction && !('dense' in request) ? 2 : 1;
  // nearly all of it may move
  const isReordered = 'permute' in request && request.permute;
  const kept = steps * scene.selected.reduce((sum, { name }) => sum + storedBytes(scene.stored.get(name)), 0);
  return [
    { path: output.model, bytes: model },
    { path: output.report, bytes: reportBytes },
    {
      path: output.run,
      bytes: isResumed
        ? 0
        : kept +
          (isReordered ? model : 0) +
          fittingBytes(scene, request) +
          statisticsBytes(scene, request) +
          bookkeepingBytes,
    },
  ];
}

/**
 * Bytes of values between regions: all at once, and what of them would go to files, a quarter of the memory being full.
 * @param samples of the calibration
 */
export async function spillOf(
  { copy, schedule }: Pick<Scene, 'copy' | 'schedule'>,
  { engine }: Pick<RunRequest, 'engine'>,
  samples: Samples,
): Promise<{ readonly perSample: number; readonly files: number }> {
  const size = samples.fixedBatch ?? 1;
  const types = await annotate(copy, sizesIn(copy, samples.batch(0, Math.min(size, samples.count))));
  const perSample = crossingBytes(schedule, types, engine.activations === 'float16') / size;
  return { perSample, files: Math.max(0, perSample * samples.count - shelfMemory(engine)) };
}

/** The sizes that a batch gives to the symbols of the inputs. */
function sizesIn(graph: Graph, batch: ReadonlyMap<Value, Tensor>): Record<string, number> {
  const fed = feedsFor(feeds(graph), batch);
  const sizes: Record<string, number> = {};
  for (const [{ type }, { shape }] of fed) {
    for (const [axis, size] of (type?.shape ?? []).entries()) {
      if (typeof size === 'string') sizes[size] = shape[axis] as number;
    }
  }
  return sizes;
}

const storedBytes = (layer: Layer | undefined): number => layer?.stored.payload.byteLength ?? 0;

/** A bit of mask a weight, and a descent's progress twice: weights, what the optimiser remembers and the best, in float32. */
function fittingBytes({ selected, blocks }: SpaceScene, { reconstruction, jobs = 1 }: MakingRequest): number {
  if (!reconstruction) return 0;
  const weightsOf = (layers: readonly Layer[]): number => layers.reduce((sum, { positions }) => sum + positions, 0);
  const { retrain, solver, trained, regions } = reconstruction;
  const all = weightsOf(selected);
  const isWithinBlock = regions === 'matrix' || regions === 'half' || regions === 'block';
  const largest = Math.max(0, ...blocks.map(({ layers }) => weightsOf(layers)));
  const atOnce = !retrain && isWithinBlock ? Math.min(all, jobs * largest) : all;
  const isKept = retrain || (solver === 'descent' && trained === 'all');
  return all / 8 + (isKept ? 2 * 4 * 4 * atOnce : 0);
}

/** Statistics are kept where the whole model is observed before anything is pruned. */
function statisticsBytes({ selected }: SpaceScene, request: MakingRequest): number {
  if (!('method' in request)) return 0;
  const { needs } = pruners[request.method] as Pruner;
  if (!needsScores(request) && !(needs.length > 0 && request.statisticsFrom === 'dense')) return 0;
  const perColumn = (columns: number): number => (needs.includes('gram') ? columns + 1 : 1);
  return selected.reduce((sum, { layout: { stacks, columns } }) => sum + 8 * stacks * columns * perColumn(columns), 0);
}
