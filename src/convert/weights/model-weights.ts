/** The weights that a model stores, as it stores them, and the names they may be chosen by. */
import { consumers, subgraphs } from '../../ir/graph.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import type { Tensor } from '../../tensor/tensor.js';
import { heldBy } from '../weights.js';

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
export function modelWeights(graph: Graph): ModelWeight[] {
  const readers = consumers(graph);
  const stored: [Value, Tensor][] = [...graph.initializers, ...graph.nodes.flatMap(heldBy)];
  return stored.map(([value, tensor]) => {
    const uses = readers.get(value) ?? [];
    return { name: value.name, stored: tensor, names: [...new Set([value.name, ...uses.flatMap(namesOf)])] };
  });
}

/** Tensors that stand in branches, loops and functions. */
export function countInside(graph: Graph): number {
  const inside = (body: Graph): number =>
    body.initializers.size + body.nodes.flatMap(heldBy).length + countInside({ ...body, functions: [] });
  const bodies = [...graph.nodes.flatMap(subgraphs), ...graph.functions.map(({ body }) => body)];
  return bodies.reduce((sum, body) => sum + inside(body), 0);
}

const namesOf = ({ name, op }: Node): string[] => [name, op];
