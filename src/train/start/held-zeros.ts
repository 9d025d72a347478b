/** heldZeros: what pruning set to zero, and training must not bring back. */
import type { Graph, Value } from '../../ir/types.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32, type Tensor } from '../../tensor/tensor.js';

/** A mask for each of the weights that is a matrix or larger and has zeros, by name: 1 where it is not zero. */
export function heldZeros(graph: Graph, weights: readonly Value[]): Map<string, Tensor> {
  const masks = new Map<string, Tensor>();
  for (const value of weights) {
    const stored = graph.initializers.get(value);
    if (!stored || stored.shape.filter((size) => size > 1).length < 2) continue;
    const values = floatsOf(stored);
    if (values.includes(0))
      masks.set(
        value.name,
        float32(
          stored.shape,
          values.map((each) => (each === 0 ? 0 : 1)),
        ),
      );
  }
  return masks;
}
