/** How many weights a model has, and how many are not zero. */
import type { Graph } from '../../ir/types.js';
import type { Layer } from '../../ops/layers.js';
import { readMatrices } from '../../ops/matrices.js';
import { floatsOf } from '../../tensor/convert.js';
import { isFloat } from '../../tensor/dtype.js';
import { zerosIn } from '../prune/change.js';

export interface WeightCounts {
  readonly total: number;
  readonly nonZero: number;
}

/** All weights: matrices (quantised ones by their real values) and every other floating-point initializer. Read one at a time. */
export function countWeights(graph: Graph, layers: readonly Layer[]): WeightCounts {
  const own = new Set(layers.map(({ weight }) => weight));
  const counts = { total: 0, nonZero: 0 };
  const count = (values: Float32Array): void => {
    counts.total += values.length;
    counts.nonZero += values.length - zerosIn(values);
  };
  // a transposition has as many zeros
  for (const layer of layers) count(layer.quantization ? readMatrices(layer) : floatsOf(layer.stored));
  for (const [value, t] of graph.initializers) if (!own.has(value) && isFloat(t.dtype)) count(floatsOf(t));
  return counts;
}
