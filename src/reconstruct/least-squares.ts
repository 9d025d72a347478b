/** leastSquares: the best weights of a single matrix under its mask, in closed form. */
import { UserError } from '../errors.js';
import type { Value } from '../ir/types.js';
import { createLinalg } from '../linalg/index.js';
import type { Layer } from '../ops/layers.js';
import type { Tensor } from '../tensor/tensor.js';
import { fitLayer } from './fit-layer.js';
import { withRegionJudge } from './region-judge.js';
import { type RegionTask, type Solution, type Solver, unmoved } from './solver.js';
import { standing } from './under-mask.js';
import { usesWithin } from './uses-within.js';

export interface LeastSquaresOptions {
  /**
   * Added to the diagonal of Σ x xᵀ, relative to its mean; at least 0. It holds each weight to where it stands, so that the error
   * never grows and inputs that are always zero move nothing. Default 1e-4.
   */
  readonly ridge?: number;
  /** Whether biases that are parameters of the region move too. Default true. */
  readonly biases?: boolean;
}

/** Far above what float32 leaves out of the sums, far below what inputs tell. */
export const defaultRidge = 1e-4;

/**
 * Row by row the weights on the support of the mask that come nearest to what the dense weights give, in the sum of squares over
 * all samples: (G_SS + ridge) d = (W_dense Σ z xᵀ - w G)_S with G = Σ x xᵀ, where x is what the layer multiplies and z what the
 * dense one did; the weights w move by d. It is the exact answer to what published code descends on (per-matrix reconstruction in
 * "A Free Lunch in LLM Compression: Revisiting Retraining after Pruning").
 *
 * For regions of one node (granularity `matrix`). Where the node does more than multiply, as a recurrent one with its two layers,
 * each layer is fitted to its own products.
 * @throws UserError for a region whose layers stand at several nodes, or a negative ridge.
 */
export const leastSquares =
  ({ ridge = defaultRidge, biases = true }: LeastSquaresOptions = {}): Solver =>
  async (task) => {
    if (!(ridge >= 0 && ridge < 1e6)) {
      throw new UserError(
        'least-squares',
        `expected a ridge of 0 or more, got ${ridge}; ${defaultRidge} is the default`,
      );
    }
    const layers = layersOf(task).filter(({ weight }) => task.parameters.includes(weight));
    if (layers.length === 0) return unmoved;
    const { threads } = task.engine;
    const linalg = await createLinalg(threads === undefined ? {} : { threads });
    try {
      const found = new Map<Value, Tensor>();
      for (const layer of layers) {
        for (const [value, t] of await fitLayer(task, layer, { ridge, biases, linalg })) found.set(value, t);
      }
      return await better(task, found);
    } finally {
      await linalg.release();
    }
  };

function layersOf({ graph, layers }: RegionTask): readonly Layer[] {
  const nodes = new Set(layers.flatMap((layer) => usesWithin(graph, layer).map(({ node }) => node)));
  if (layers.length > 1 && nodes.size > 1) {
    throw new UserError(
      'least-squares',
      `expected a region of one matrix, got one of ${layers.length}; take regions of granularity matrix, or descend`,
    );
  }
  return layers;
}

/** Held-out data, where there is some, may say that the weights were better as they stood. */
function better(task: RegionTask, weights: ReadonlyMap<Value, Tensor>): Promise<Solution> {
  const start = standing(task, weights.keys());
  return withRegionJudge(task, [...weights.keys()], 'mse', async (loss) => {
    const judged = [await loss(start), await loss(weights)] as const;
    const [before, after] = judged;
    const best = after < before ? weights : start;
    return { weights: best, before, after: Math.min(before, after), losses: [], judged };
  });
}
