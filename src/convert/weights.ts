/** The stored weights of a graph, those of branches and loops included. */
import { consumers, subgraphs } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import { mapBodies, mapSame } from '../rewrite/substitute.js';
import type { Tensor } from '../tensor/tensor.js';

export interface StoredWeight {
  readonly value: Value;
  readonly tensor: Tensor;
  /** What it may be chosen by: its own name, and name and op of every node that reads it. */
  readonly names: readonly string[];
}

/** All initializers, in the order of the file; those of bodies after those around them. */
export function storedWeights(graph: Graph): StoredWeight[] {
  const readers = consumers(graph);
  const own = [...graph.initializers].map(([value, tensor]) => ({
    value,
    tensor,
    names: [value.name, ...(readers.get(value) ?? []).flatMap(({ name, op }) => [name, op])],
  }));
  return [...own, ...graph.nodes.flatMap((node) => subgraphs(node).flatMap(storedWeights))];
}

/** `graph` with other tensors in the place of its initializers; what does not change stays the same object. */
export function withWeights(graph: Graph, made: ReadonlyMap<Value, Tensor>): Graph {
  const nodes = mapSame(graph.nodes, (node) => {
    const attrs = mapBodies(node.attrs, (body) => withWeights(body, made));
    return attrs === node.attrs ? node : { ...node, attrs };
  });
  const isSame = nodes === graph.nodes && ![...graph.initializers.keys()].some((value) => made.has(value));
  if (isSame) return graph;
  const initializers = new Map([...graph.initializers].map(([value, t]) => [value, made.get(value) ?? t]));
  return { ...graph, nodes, initializers };
}
