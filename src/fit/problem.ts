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
  /** What else goes from step to step, and is not trained. */
  readonly carried?: Carried;
  /** Scalars of the graph that are told of each step, as the loss is. */
  readonly watched?: readonly Value[];
  readonly batches: Batches;
  /** Decides which weights are best; default: the batches themselves. */
  readonly validation?: Batches;
}

/** Initializers that steps change without a gradient. */
export interface Carried {
  /** What each becomes after a step: running statistics, say. */
  readonly becomes?: ReadonlyMap<Value, Value>;
  /** Each follows a weight: d times itself and 1 - d times the weight after the step. */
  readonly averages?: ReadonlyMap<Value, Average>;
}

export interface Average {
  readonly of: Value;
  /** d, a scalar input of the graph. */
  readonly decay: Value;
}

export const carriedValues = ({ becomes, averages }: Carried = {}): Value[] => [
  ...(becomes?.keys() ?? []),
  ...(averages?.keys() ?? []),
];
