/** Where a model stores what its working copy computes with: layers as matrices, biases and norms as they are. */
import type { Graph, Value } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import { toMatrices } from '../../ops/layout.js';
import { storeMatrices } from '../../ops/matrices.js';
import { floatsOf, tensorOf } from '../../tensor/convert.js';
import { float32, type Tensor } from '../../tensor/tensor.js';

export class WeightPlaces {
  readonly #layers: ReadonlyMap<string, Layer>;
  readonly #others: ReadonlyMap<string, readonly [Value, Tensor]>;

  /** @param model the user's own graph; @param layers those found in it, by name. */
  constructor(model: Graph, layers: ReadonlyMap<string, Layer>) {
    this.#layers = layers;
    this.#others = new Map([...model.initializers].map(([value, t]) => [value.name, [value, t]]));
  }

  /** Whether the model stores a float of that name and shape that can be replaced. */
  has({ name }: Value, shape: readonly number[]): boolean {
    const stored = this.#layers.get(name)?.stored ?? this.#others.get(name)?.[1];
    return stored !== undefined && /^b?float/.test(stored.dtype) && String(stored.shape) === String(shape);
  }

  /** The value of the model with that name. */
  valueOf(name: string): Value {
    return (this.#layers.get(name)?.weight ?? this.#others.get(name)?.[0]) as Value;
  }

  /** The layer of that name as the model stores it. */
  layerOf(name: string): Layer {
    return this.#layers.get(name) as Layer;
  }

  /** What the model stores for a float32 tensor of the working copy: rounded once, kept bits where nothing changed. */
  store({ name }: Value, weight: Tensor, mask: Tensor | undefined): Tensor {
    const layer = this.#layers.get(name);
    if (!layer) {
      const [, { dtype }] = this.#others.get(name) as readonly [Value, Tensor];
      return tensorOf(dtype, weight.shape, floatsOf(weight));
    }
    const kept = mask ? keptIn(floatsOf(mask)) : new Uint8Array(layer.positions).fill(1);
    return storeMatrices(layer, toMatrices(layer.layout, floatsOf(weight)), toMatrices(layer.layout, kept));
  }
}

/** 1 where a mask is not 0. */
function keptIn(mask: Float32Array): Uint8Array {
  const kept = new Uint8Array(mask.length);
  // not `Uint8Array.from`, which goes through an iterator: ten times as long
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) kept[i] = 1;
  return kept;
}

/** A stored float as the working copy has it. */
export const widened = (stored: Tensor): Tensor =>
  stored.dtype === 'float32' ? stored : float32(stored.shape, floatsOf(stored));
