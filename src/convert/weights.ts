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

/** Tensors of Constant nodes, which some exports have for weights. */
export const constantWeights = ({ nodes }: Graph): StoredWeight[] =>
  nodes.flatMap(({ op, outputs: [value], attrs: { value: held } }) =>
    op === 'Constant' && value && held?.kind === 'tensor' ? [{ value, tensor: held.value, names: [value.name] }] : [],
  );

/** `graph` with other tensors in the place of its initializers and constants; what does not change stays the same object. */
export function withWeights(graph: Graph, made: ReadonlyMap<Value, Tensor>): Graph {
  const nodes = mapSame(graph.nodes, (node) => {
    const constant = node.op === 'Constant' && node.outputs[0] ? made.get(node.outputs[0]) : undefined;
    if (constant) return { ...node, attrs: { value: { kind: 'tensor', value: constant } as const } };
    const attrs = mapBodies(node.attrs, (body) => withWeights(body, made));
    return attrs === node.attrs ? node : { ...node, attrs };
  });
  const isSame = nodes === graph.nodes && ![...graph.initializers.keys()].some((value) => made.has(value));
  if (isSame) return graph;
  const initializers = new Map([...graph.initializers].map(([value, t]) => [value, made.get(value) ?? t]));
  return { ...graph, nodes, initializers };
}
