/** Which weights a pruner kept, in a bit each: a weight that rounding took to zero is not one that was removed. */
import type { Layer } from '../../ops/layers.js';
import { fromMatrices } from '../../ops/layout.js';
import type { Region } from '../../regions/index.js';
import type { Checkpoint, Steps } from '../../run/run-directory.js';
import { dataOf, float32, type Tensor, tensor } from '../../tensor/tensor.js';

/** The step that holds the masks of a unit's layers, by name of the layer; written before the unit's own. */
export const masksName = (index: number): string => `masks-${String(index).padStart(4, '0')}`;

/**
 * @param mask as matrices, 1 where kept.
 * @param dense the weights before: those that were zero already are removed ones, whatever the pruner says.
 */
export function packed(mask: Uint8Array, dense: Float32Array): Tensor {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && dense[i] !== 0) bits[i >> 3]! |= 1 << (i & 7);
  return tensor('uint8', [bits.length], bits);
}

/** float32 in the shape of the stored weight, 1 where kept. */
export function unpacked(bits: Tensor, { layout, positions }: Layer, shape: readonly number[]): Tensor {
  const bytes = dataOf(bits) as Uint8Array;
  const kept = new Uint8Array(positions);
  for (let i = 0; i < positions; i++) kept[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  return float32(shape, Float32Array.from(fromMatrices(layout, kept)));
}

/** Masks of layers that were pruned in this run. @param units that were pruned, in their order. */
export const masksIn =
  (run: Pick<Steps, 'finished'>, units: readonly Region[]) =>
  (layer: Layer, { shape }: Tensor): Tensor => {
    const index = units.findIndex(({ layers }) => layers.includes(layer));
    const { tensors }: Checkpoint = run.finished(masksName(index));
    return unpacked(tensors.get(layer.name) as Tensor, layer, shape);
  };
