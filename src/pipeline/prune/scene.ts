/** What a prune run works with: the model, its working copy, the layers chosen and the regions in which they lie. */

import { UserError, unsupported } from '../../errors.js';
import type { Graph, Model, Value } from '../../ir/types.js';
import { widen } from '../../onnx/widen.js';
import { findLayers, type Layer } from '../../ops/layers.js';
import {
  chooseRegions,
  findRegions,
  granularities,
  type Region,
  type Schedule,
  type Structure,
  schedule,
} from '../../regions/index.js';
import type { SkippedLayer } from '../../report/prune-report.js';
import type { Tensor } from '../../tensor/tensor.js';
import { constantsHeld } from '../grad/constants-held.js';
import { modelLayers } from '../model-layers.js';
import { openModel } from '../open-model.js';
import { type LayerChoice, selectLayers } from '../select-layers.js';
import type { PruneRequest } from './request.js';

export interface Scene {
  readonly model: Model;
  /** The float32 copy that is run. */
  readonly copy: Graph;
  /** As the model stores them, by name. */
  readonly stored: ReadonlyMap<string, Layer>;
  /** Layers of the working copy, in order of execution. */
  readonly selected: readonly Layer[];
  readonly matches: LayerChoice['matches'];
  readonly structure: Structure;
  readonly schedule: Schedule;
  /** The units that the network repeats. */
  readonly blocks: readonly Region[];
  readonly skipped: readonly SkippedLayer[];
  /** Where the model to work on is a pruned one and `copy` the dense one: its own copy, and the weights in which they differ. */
  readonly pruned?: {
    readonly copy: Graph;
    readonly weights: ReadonlyMap<Value, Tensor>;
    readonly dense: { readonly path: string; readonly model: Model };
  };
  /** How many of them stand inside branches or functions, where no weight can be pruned. */
  readonly inside: number;
}

/**
 * Loads and looks; nothing is run and nothing written.
 * @param model the one of the request, whose weights may stand in another order.
 */
export function setScene(request: PruneRequest, model: Model = openModel(request.model)): Scene {
  const own = modelLayers(model.graph);
  const wide = widen(own.flat).graph;
  const copy = request.reconstruction ? constantsHeld(wide) : wide;
  const stored = new Map(own.layers.map((layer) => [layer.name, layer]));
  const found = findLayers(copy).layers.filter(({ name }) => stored.has(name));
  if (found.length === 0)
    throw unsupported(request.model, 'expected weight matrices to prune, found none; see `scalpel inspect`');
  const structure = findRegions(copy, found);
  const choice = selectLayers(found, request.layers, structure.leftByDefault);
  const regions = chooseRegions(structure, request.regions);
  const reached = new Set(regions.flatMap(({ layers }) => layers));
  const chosen = new Set(choice.selected.filter((layer) => reached.has(layer)));
  if (chosen.size === 0)
    throw new UserError(request.model, 'no selected layer lies in a region; see `scalpel inspect --regions`');
  const outside = choice.selected.filter((layer) => !chosen.has(layer));
  const plan = schedule(structure, regions, chosen);
  return {
    model,
    copy,
    stored,
    selected: plan.regions.flatMap(({ layers }) => layers.filter((layer) => chosen.has(layer))),
    matches: choice.matches,
    structure,
    schedule: plan,
    blocks: granularities.block(structure),
    skipped: [
      ...choice.left.map(skippedLayer),
      ...outside.map((layer) => skippedLayer({ layer, reason: 'lies in no region' })),
      ...own.skipped.map(({ node, reason }) => ({
        name: node.name || (node.outputs[0]?.name ?? ''),
        op: node.op,
        reason,
      })),
    ],
    inside: own.skipped.filter(({ isInside }) => isInside).length,
  };
}

export const skippedLayer = ({ layer, reason }: { layer: Layer; reason: string }): SkippedLayer => ({
  name: layer.name,
  op: opOf(layer),
  shape: layer.stored.shape,
  reason,
});

export const opOf = (layer: Layer): string => layer.uses[0]?.node.op ?? '';

/** The node that uses a layer first, unless it has no name. */
export const nodeOf = (layer: Layer): string | undefined => layer.uses[0]?.node.name || undefined;
