/** Fits what is left of a masked model to what the dense one answers, by the regions and solvers of reconstruction. */
import { join } from 'node:path';
import type { Samples } from '../../data/index.js';
import { UserError } from '../../errors.js';
import { mask } from '../../groups/mask.js';
import type { Graph, Value } from '../../ir/types.js';
import { withWeights } from '../../regions/propagate.js';
import type { RunDirectory } from '../../run/run-directory.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Engine } from '../engine.js';
import { shelfIn } from '../memory.js';
import type { Scene } from '../prune/scene.js';
import { fitData } from '../reconstruct/data.js';
import { type Masking, type Reconstructed, reconstructRegions } from '../reconstruct/loop.js';
import type { ReconstructionRequest } from '../reconstruct/request.js';
import { retrain } from '../reconstruct/retrain.js';
import { WeightPlaces, widened } from '../reconstruct/weight-places.js';
import { zerosRemoved } from '../reconstruct/zeros-removed.js';
import { fitScene } from './fit-scene.js';
import { byValue } from './masked.js';
import type { UnitsRequest } from './request.js';
import { livingOf, type ShrinkScene, type UnitGroup } from './scene.js';

export interface Refit {
  readonly scene: ShrinkScene;
  /** As the model stores them, by name. */
  readonly masked: ReadonlyMap<string, Tensor>;
  readonly request: UnitsRequest;
  readonly reconstruction: ReconstructionRequest;
  /** By group of the scene, 1 where a unit stays. */
  readonly living: readonly Uint8Array[];
  readonly samples: Samples;
  readonly engine: Engine;
  readonly run: RunDirectory;
  readonly context: JobContext;
}

/** Zeros stay. @throws UserError for units that zeros in weights do not take out, which regions cannot be fitted without. */
export async function refit({
  scene: whole,
  masked,
  living,
  request,
  reconstruction,
  ...work
}: Refit): Promise<Reconstructed> {
  const { seed, engine: wanted } = request;
  const scene = fitScene(whole, reconstruction);
  const { copy: graph, selected, schedule, stored, model } = scene;
  const { samples, engine, run, context } = work;
  const places = new WeightPlaces(model.graph, stored);
  const weights = new Map([...byValue(graph.initializers.keys(), masked)].map(([value, t]) => [value, widened(t)]));
  const beyondZeros = beyondWeights(whole, living);
  const trained = (): Graph => {
    const zeroed = withWeights(whole.flows.graph, weights);
    return beyondZeros ? mask({ ...whole.flows, graph: zeroed }, livingOf(whole, living)) : zeroed;
  };
  if (beyondZeros && !reconstruction.retrain) {
    throw new UserError(
      'shrink',
      `expected units that zeros in weights take out, got ${beyondZeros.kind} of '${beyondZeros.name}'; use --retrain in place of --reconstruct, or shrink in two steps`,
    );
  }
  if (reconstruction.retrain) {
    const own = { request: reconstruction, seed, graph: trained(), layers: selected, places };
    return retrain({ ...own, maskOf: zerosRemoved, ...work });
  }
  return reconstructRegions({
    request: reconstruction,
    ...{ seed, graph, schedule, places, engine, run, context },
    types: await annotate(graph),
    masking: maskingBy(weights, scene),
    data: fitData(samples, reconstruction, seed),
    shelf: shelfIn(join(run.path, 'activations'), wanted),
  });
}

/** The first group that loses units and has no matrix to be zero in, or means over them that zeros would change. */
const beyondWeights = ({ groups }: ShrinkScene, living: readonly Uint8Array[]): UnitGroup | undefined =>
  groups.find(
    ({ group, holdings }, i) => living[i]!.includes(0) && (group.means.length > 0 || holdings.reads.length === 0),
  );

/** The sparse path starts with all of these weights. */
export function maskingBy(weights: ReadonlyMap<Value, Tensor>, { selected }: Pick<Scene, 'selected'>): Masking {
  const layers = new Set(selected);
  return {
    keepsSparse: false,
    before: async ({ index }) => (index === 0 ? weights : new Map()),
    isPruned: (layer) => layers.has(layer),
    maskOf: zerosRemoved,
  };
}
