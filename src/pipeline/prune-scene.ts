/** What a prune run works with: the model, its working copy, the layers chosen and the regions in which they lie. */

import { unsupported } from '../errors.js';
import type { Graph, Model } from '../ir/types.js';
import { load } from '../onnx/load.js';
import { widen } from '../onnx/widen.js';
import { findLayers, type Layer } from '../ops/layers.js';
import { findRegions, granularities, type Region, type Schedule, schedule } from '../regions/index.js';
import type { SkippedLayer } from '../report/prune-report.js';
import { modelLayers } from './model-layers.js';
import type { PruneRequest } from './prune-request.js';
import { type LayerChoice, selectLayers } from './select-layers.js';

export interface Scene {
  readonly model: Model;
  /** The float32 copy that is run. */
  readonly copy: Graph;
  /** As the model stores them, by name. */
  readonly stored: ReadonlyMap<string, Layer>;
  /** Layers of the working copy, in order of execution. */
  readonly selected: readonly Layer[];
  readonly matches: LayerChoice['matches'];
  readonly schedule: Schedule;
  /** The units that the network repeats. */
  readonly blocks: readonly Region[];
  readonly skipped: readonly SkippedLayer[];
}

/** Loads and looks; nothing is run and nothing written. */
export function setScene(request: PruneRequest): Scene {
  const model = load(request.model);
  const own = modelLayers(model.graph);
  const copy = widen(own.flat).graph;
  const stored = new Map(own.layers.map((layer) => [layer.name, layer]));
  const found = findLayers(copy).layers.filter(({ name }) => stored.has(name));
  if (found.length === 0)
    throw unsupported(request.model, 'expected weight matrices to prune, found none; see `scalpel inspect`');
  const structure = findRegions(copy, found);
  const choice = selectLayers(found, request.layers, structure.leftByDefault);
  const regions = granularities[request.regions](structure);
  const plan = schedule(structure, regions, choice.selected);
  const chosen = new Set(choice.selected);
  return {
    model,
    copy,
    stored,
    selected: plan.regions.flatMap(({ layers }) => layers.filter((layer) => chosen.has(layer))),
    matches: choice.matches,
    schedule: plan,
    blocks: granularities.block(structure),
    skipped: [
      ...choice.left.map(({ layer, reason }) => ({
        name: layer.name,
        op: opOf(layer),
        shape: layer.stored.shape,
        reason,
      })),
      ...own.skipped.map(({ node, reason }) => ({
        name: node.name || (node.outputs[0]?.name ?? ''),
        op: node.op,
        reason,
      })),
    ],
  };
}

export const opOf = (layer: Layer): string => layer.uses[0]?.node.op ?? '';

/** The node that uses a layer first, unless it has no name. */
export const nodeOf = (layer: Layer): string | undefined => layer.uses[0]?.node.name || undefined;
