/** The weights that a model stores, as it stores them, and the names they may be chosen by. */
import { subgraphs } from '../../ir/graph.js';
import type { Graph } from '../../ir/types.js';
import type { Tensor } from '../../tensor/tensor.js';
import { heldBy, ownWeights } from '../weights.js';

export interface ModelWeight {
  readonly name: string;
  readonly stored: Tensor;
  /** Its own name, and the names and ops of the nodes that read it. */
  readonly names: readonly string[];
}

/**
 * The initializers of a graph in its order, then the matrices that Constant nodes hold. What is stored in branches, loops and functions
 * belongs to them.
 */
export const modelWeights = (graph: Graph): ModelWeight[] =>
  ownWeights(graph).map(({ value, tensor: stored, names }) => ({ name: value.name, stored, names }));

/** Tensors that stand in branches, loops and functions. */
export function countInside(graph: Graph): number {
  const inside = (body: Graph): number =>
    body.initializers.size + body.nodes.flatMap(heldBy).length + countInside({ ...body, functions: [] });
  const bodies = [...graph.nodes.flatMap(subgraphs), ...graph.functions.map(({ body }) => body)];
  return bodies.reduce((sum, body) => sum + inside(body), 0);
}
