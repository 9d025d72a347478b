/** The weights that a model stores, as it stores them, and the names they may be chosen by. */
import { consumers, subgraphs } from '../../ir/graph.js';
import { isDefaultDomain } from '../../ir/node.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { isFloat } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';

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

/** Smaller constants are parameters of ops rather than weights. */
function heldBy(node: Node): [Value, Tensor][] {
  const attr = node.op === 'Constant' && isDefaultDomain(node.domain) ? node.attrs.value : undefined;
  const value = node.outputs[0];
  if (attr?.kind !== 'tensor' || !value) return [];
  const isMatrix = attr.value.shape.filter((size) => size > 1).length > 1;
  return isFloat(attr.value.dtype) && isMatrix ? [[value, attr.value]] : [];
}
