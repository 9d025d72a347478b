/** Weights under masks: what is removed is +0 to the bit. */
import type { Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { float32, type Tensor } from '../tensor/tensor.js';
import type { RegionTask } from './solver.js';

/** @param mask in the weight's shape, 1 where kept; absent: everything is. */
export function underMask(weight: Tensor, mask: Tensor | undefined): Tensor {
  const values = floatsOf(weight);
  if (!mask) return float32(weight.shape, values);
  const kept = floatsOf(mask);
  return float32(
    weight.shape,
    values.map((value, i) => (kept[i] === 0 ? 0 : value)),
  );
}

/** Weights of a region as they stand before anything moves. */
export const standing = ({ graph, masks }: RegionTask, values: Iterable<Value>): Map<Value, Tensor> =>
  new Map(
    Array.from(
      values,
      (value) => [value, underMask(graph.initializers.get(value) as Tensor, masks.get(value))] as const,
    ),
  );
