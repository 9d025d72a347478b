/** The matrices of a model's weights: how each lies is found in the working copy, its elements are the model's own. */
import { findLayers, type Layer } from '../../ops/layers.js';
import type { ConvertTask } from '../target.js';
import { type ModelWeight, modelWeights } from './model-weights.js';

export interface WeightLayer {
  readonly weight: ModelWeight;
  readonly layer: Layer;
}

/** By name of the weight, in the order of the model's weights. */
export function layersOf(task: ConvertTask): Map<string, WeightLayer> {
  const layers = new Map(findLayers(task.copy()).layers.map((layer) => [layer.name, layer]));
  return new Map(
    modelWeights(task.model.graph).flatMap((weight) => {
      const layer = layers.get(weight.name);
      const { shape } = weight.stored;
      const isSame =
        layer?.stored.shape.length === shape.length && layer.stored.shape.every((size, i) => size === shape[i]);
      return layer && isSame ? [[weight.name, { weight, layer }] as const] : [];
    }),
  );
}

export const isLayerChosen = (task: ConvertTask, { weight, layer }: WeightLayer): boolean =>
  task.isChosen(...weight.names, ...layer.uses.flatMap(({ node }) => [node.name, node.op]));
