/** prototypes: examples that stand for a class, as an instance sees it. */
import type { Neighbours } from '../../density/index.js';
import { rowAt } from '../../oracle/packed.js';

/** Of an instance's nearest examples the farthest, or their mean. */
export type PrototypeKind = 'nearest' | 'mean';

/**
 * @param examples packed [rows, width], those of `tree`. @param queries packed [count, width].
 * @param neighbours how many are looked at, or all there are. @returns packed [count, width].
 */
export function prototypes(
  tree: Neighbours,
  examples: Float32Array,
  queries: Float32Array,
  { neighbours, kind }: { readonly neighbours: number; readonly kind: PrototypeKind },
): Float32Array {
  const width = tree.dimensions;
  const made = new Float32Array(queries.length);
  for (let row = 0; row < queries.length / width; row++) {
    const { indices } = tree.nearest(rowAt(queries, width, row), Math.min(neighbours, tree.rows));
    const chosen = kind === 'mean' ? indices : indices.subarray(-1);
    const mean = new Float64Array(width);
    for (const i of chosen) for (let j = 0; j < width; j++) mean[j]! += examples[i * width + j]! / chosen.length;
    made.set(mean, row * width);
  }
  return made;
}
