/** What a reconstruction works with: a pruned model and the dense one, alike but for weights, and the regions that it goes over. */
import { UserError, unsupported } from '../../errors.js';
import type { Graph, Value } from '../../ir/types.js';
import { widen } from '../../onnx/widen.js';
import { findLayers, type Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import {
  chooseRegions,
  findRegions,
  granularities,
  type RegionChoice,
  type Schedule,
  type Structure,
  schedule,
} from '../../regions/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import { constantsHeld } from '../grad/constants-held.js';
import { modelLayers } from '../model-layers.js';
import { openModel } from '../open-model.js';
import { zerosIn } from '../prune/change.js';
import { type Scene, skippedLayer } from '../prune/scene.js';
import { selectLayers } from '../select-layers.js';
import { haveSameOrder } from '../unit-order.js';
import type { ReconstructRequest } from './request.js';

/**
 * Loads both models; layers with more zeros than the dense model has are those that were pruned.
 * @throws UserError when the two are not alike, or nothing was pruned.
 */
export function setReconstructScene(request: ReconstructRequest): Scene {
  const model = openModel(request.model);
  const whole = openModel(request.dense);
  if (!haveSameOrder(model, whole)) {
    throw new UserError(
      request.model,
      `expected units in the order of ${request.dense}, got them in another (pruned with --permute); fit it in one pass, with \`scalpel prune --permute --reconstruct\``,
    );
  }
  const [own, ofDense] = [modelLayers(model.graph), modelLayers(whole.graph)];
  const [sparse, copy] = [own.flat, ofDense.flat].map((flat) => constantsHeld(widen(flat).graph)) as [Graph, Graph];
  const weights = differences(copy, sparse, request);
  const stored = new Map(own.layers.map((layer) => [layer.name, layer]));
  const denseLayers = new Map(ofDense.layers.map((layer) => [layer.name, layer]));
  const found = findLayers(copy).layers.filter(({ name }) => stored.has(name) && denseLayers.has(name));
  const structure = findRegions(copy, found);
  const zeros = (layer: Layer): number => zerosIn(readMatrices(layer));
  const left = found.filter(({ name }) => zeros(stored.get(name)!) <= zeros(denseLayers.get(name)!));
  if (left.length === found.length && request.layers.include.length === 0) {
    throw new UserError(
      request.model,
      `expected layers with zeros that ${request.dense} does not have, found none; name the pruned model first`,
    );
  }
  const choice = selectLayers(found, request.layers, new Map(left.map((layer) => [layer, 'not pruned'])));
  const plan = reconstructionSchedule(structure, request.reconstruction.regions, choice.selected);
  const chosen = new Set(choice.selected);
  return {
    model,
    copy,
    stored,
    selected: plan.regions.flatMap(({ layers }) => layers.filter((layer) => chosen.has(layer))),
    matches: choice.matches,
    structure,
    schedule: plan,
    blocks: granularities.block(structure),
    pruned: { copy: sparse, weights, dense: { path: request.dense, model: whole } },
    skipped: choice.left.map(skippedLayer),
    inside: 0,
  };
}

/** The weights in which the pruned model is another, as values of the dense one. */
function differences(dense: Graph, pruned: Graph, request: ReconstructRequest): Map<Value, Tensor> {
  const ops = ({ nodes }: Graph): string => nodes.map(({ op }) => op).join();
  if (ops(dense) !== ops(pruned)) {
    throw unsupported(
      request.model,
      `expected the nodes of ${request.dense}, got others; both must be the same export, pruned by zeros alone`,
    );
  }
  const byName = new Map([...pruned.initializers].map(([{ name }, t]) => [name, t]));
  const different = new Map<Value, Tensor>();
  for (const [value, before] of dense.initializers) {
    const now = byName.get(value.name);
    if (!now)
      throw unsupported(
        request.model,
        `expected a weight '${value.name}' as in ${request.dense}, got none; name the model it was pruned from`,
      );
    if (String(now.shape) !== String(before.shape) || now.dtype !== before.dtype) {
      const text = ({ dtype, shape }: Tensor): string => `${dtype}[${shape.join(', ')}]`;
      throw unsupported(
        request.model,
        `expected '${value.name}' to be ${text(before)} as in ${request.dense}, got ${text(now)}; a pruned model keeps its shapes`,
      );
    }
    if (!isSame(before, now)) different.set(value, now);
  }
  return different;
}

const isSame = (a: Tensor, b: Tensor): boolean =>
  a.payload.byteLength === b.payload.byteLength && Buffer.compare(a.payload.read(), b.payload.read()) === 0;

/** @throws UserError naming the first layer that lies in no region: it would be pruned and never fitted. */
export function reconstructionSchedule(structure: Structure, choice: RegionChoice, layers: readonly Layer[]): Schedule {
  const regions = chooseRegions(structure, choice);
  const reached = new Set(regions.flatMap((region) => region.layers));
  const outside = layers.find((layer) => !reached.has(layer));
  if (outside) {
    throw new UserError(
      'reconstruct',
      `expected every pruned layer in a region, got '${outside.name}' in none; add it to the regions, or exclude it`,
    );
  }
  return schedule(structure, regions, layers);
}
