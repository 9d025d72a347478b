/** What a density is: log p on arrays, and the same as nodes that can be differentiated. */
import type { Value } from '../ir/types.js';
import type { FloatArray } from '../linalg/index.js';
import type { Builder } from '../ops/builder.js';

/** A probability density over points of `dimensions` features. Its logarithm is natural, and may be above 0. */
export interface Density {
  readonly name: 'kde' | 'gmm';
  readonly dimensions: number;
  /**
   * log p of each row, [rows], in float64.
   * @throws UserError for what is no set of such rows; none at all is one.
   */
  logDensity(points: FloatArray): Float64Array;
  /** log p of `x`, float32 [batch, dimensions], as float32 [batch]; every op used has a gradient rule. */
  emit(g: Builder, x: Value): Value;
}
