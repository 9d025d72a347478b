/** Fits what is left of a masked model to what the dense one answers, by the regions and solvers of reconstruction. */
import { join } from 'node:path';
import type { Samples } from '../../data/index.js';
import type { Value } from '../../ir/types.js';
import { findLayers } from '../../ops/layers.js';
import { chooseRegions, findRegions } from '../../regions/index.js';
import { withWeights } from '../../regions/propagate.js';
import type { RunDirectory } from '../../run/run-directory.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Engine } from '../engine.js';
import { shelfIn } from '../memory.js';
import { fitData } from '../reconstruct/data.js';
import { type Reconstructed, reconstructRegions } from '../reconstruct/loop.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { retrain } from '../reconstruct/retrain.js';
import { reconstructionSchedule } from '../reconstruct/scene.js';
import { WeightPlaces, widened } from '../reconstruct/weight-places.js';
import { zerosRemoved } from '../reconstruct/zeros-removed.js';
import { byValue } from './masked.js';
import type { ShrinkRequest } from './request.js';
import type { ShrinkScene } from './scene.js';

export interface Refit {
  readonly scene: ShrinkScene;
  /** As the model stores them, by name. */
  readonly masked: ReadonlyMap<string, Tensor>;
  readonly request: ShrinkRequest;
  readonly reconstruction: ReconstructionRequest;
  readonly samples: Samples;
  readonly engine: Engine;
  readonly run: RunDirectory;
  readonly context: JobContext;
}

/** All layers of the regions move, but for embeddings and heads; zeros stay. */
export async function refit({ scene, masked, request, reconstruction, ...work }: Refit): Promise<Reconstructed> {
  const { copy, own, model } = scene;
  const { seed, engine: wanted } = request;
  const { samples, engine, run, context } = work;
  const stored = new Map(own.layers.map((layer) => [layer.name, layer]));
  const places = new WeightPlaces(model.graph, stored);
  const found = findLayers(copy).layers.filter(({ name }) => stored.has(name));
  const structure = findRegions(copy, found);
  const weights: ReadonlyMap<Value, Tensor> = new Map(
    [...byValue(copy.initializers.keys(), masked)].map(([value, t]) => [value, widened(t)]),
  );
  if (reconstruction.retrain) {
    const layers = found.filter((layer) => !structure.leftByDefault.has(layer));
    const graph = withWeights(copy, weights);
    return retrain({ ...{ request: reconstruction, seed, graph, layers, maskOf: zerosRemoved, places }, ...work });
  }
  const reached = new Set(chooseRegions(structure, reconstruction.regions).flatMap(({ layers }) => layers));
  const layers = new Set(found.filter((layer) => reached.has(layer) && !structure.leftByDefault.has(layer)));
  return reconstructRegions({
    request: reconstruction,
    seed,
    graph: copy,
    types: await annotate(copy),
    schedule: reconstructionSchedule(structure, reconstruction.regions, [...layers]),
    masking: {
      keepsSparse: false,
      before: async ({ index }) => (index === 0 ? weights : new Map()),
      isPruned: (layer) => layers.has(layer),
      maskOf: zerosRemoved,
    },
    places,
    data: fitData(samples, reconstruction, seed),
    engine,
    shelf: shelfIn(join(run.path, 'activations'), wanted),
    run,
    context,
  });
}
