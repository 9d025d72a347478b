/** smallChangesOf: up to what a change of each element is small, by how far examples are from the middle. */
import { mad } from '../../density/index.js';
import type { Features } from '../ground/features.js';
import type { Reference } from '../ground/reference.js';

/**
 * As DiCE's code (arXiv 1905.07697): the quantile of the distances from the median, over the values that occur, or the median absolute
 * deviation if that is less. [size], in the search's range; of a category none is small.
 */
export function smallChangesOf(
  { points, size }: Reference,
  { schema, labels }: Features,
  quantile: number,
): Float32Array {
  const { deviations } = mad(points, size);
  return Float32Array.from({ length: size }, (_, i) => {
    if (schema?.features[labels[i]!]?.type === 'categorical') return -1;
    const values = [...new Set(points.filter((__, at) => at % size === i))].sort((a, b) => a - b);
    const middle = quantileOf(values, 0.5);
    const distances = values.map((value) => Math.abs(value - middle)).sort((a, b) => a - b);
    return Math.min(quantileOf(distances, quantile), deviations[i]!);
  });
}

/** Between the two that it lies between. */
function quantileOf(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
