/** What is to be fitted: a loss, the weights that move it, and the batches it is taken on. */
import type { Graph, Value } from '../ir/types.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Batches } from './batches.js';

export interface FitProblem {
  /** Computes the scalar `loss` from a batch; the trained weights are initializers of it, everything else rests. */
  readonly graph: Graph;
  readonly loss: Value;
  readonly weights: readonly Value[];
  /** float32, in the weight's shape, 1 where kept: what is 0 stays +0 to the bit. */
  readonly masks?: ReadonlyMap<Value, Tensor>;
  readonly batches: Batches;
  /** Decides which weights are best; default: the batches themselves. */
  readonly validation?: Batches;
}
