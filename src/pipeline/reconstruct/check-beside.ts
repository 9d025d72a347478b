/** Whether the model takes what an adapter keeps beside its layers: looked at before anything is run. */
import { unsupported } from '../../errors.js';
import { findLayers } from '../../ops/layers.js';
import { adapters } from '../../reconstruct/adapters/index.js';
import { refusesBeside } from '../../reconstruct/beside.js';
import type { Scene } from '../prune/scene.js';
import type { ReconstructionRequest } from './request.js';

/** @throws UserError, unsupported, naming the first selected layer that nodes cannot be added beside in the model's own graph. */
export function checkBeside({ model, selected, stored }: Scene, request: ReconstructionRequest | undefined): void {
  if (!request || request.retrain || adapters[request.trained]().staysBeside === undefined) return;
  const own = new Map(findLayers(model.graph).layers.map((layer) => [layer.name, layer]));
  for (const { name } of selected) {
    const layer = own.get(name);
    const reason =
      layer?.uses.length === stored.get(name)!.uses.length
        ? refusesBeside(layer)
        : 'its weight is used inside a branch or a function, where no nodes are added; exclude the layer, or take mask-lora';
    if (reason) throw unsupported(`lora '${name}'`, reason);
  }
}
