/** The stored weights of a graph, those of branches and loops included. */
import { consumers, subgraphs } from '../ir/graph.js';
import { isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { mapBodies, mapSame } from '../rewrite/substitute.js';
import { isFloat } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';

export interface StoredWeight {
  readonly value: Value;
  readonly tensor: Tensor;
  /** What it may be chosen by: its own name, and name and op of every node that reads it. */
  readonly names: readonly string[];
}

/** All initializers, in the order of the file; those of bodies after those around them. */
export function storedWeights(graph: Graph): StoredWeight[] {
  const own = withReaders(graph, graph.initializers);
  return [...own, ...graph.nodes.flatMap((node) => subgraphs(node).flatMap(storedWeights))];
}

/** The initializers of a graph and the matrices that its Constant nodes hold, those of bodies aside. */
export const ownWeights = (graph: Graph): StoredWeight[] =>
  withReaders(graph, [...graph.initializers, ...graph.nodes.flatMap(heldBy)]);

/** The matrices that Constant nodes of the graph hold, those of bodies aside. */
export const constantWeights = (graph: Graph): StoredWeight[] => withReaders(graph, graph.nodes.flatMap(heldBy));

function withReaders(graph: Graph, stored: Iterable<readonly [Value, Tensor]>): StoredWeight[] {
  const readers = consumers(graph);
  return [...stored].map(([value, tensor]) => ({
    value,
    tensor,
    names: [value.name, ...(readers.get(value) ?? []).flatMap(({ name, op }) => [name, op])],
  }));
}

/** The matrix in a Constant; smaller ones are parameters of ops rather than weights. */
export function heldBy(node: Node): [Value, Tensor][] {
  const attr = node.op === 'Constant' && isDefaultDomain(node.domain) ? node.attrs.value : undefined;
  const value = node.outputs[0];
  if (attr?.kind !== 'tensor' || !value) return [];
  const isMatrix = attr.value.shape.filter((size) => size > 1).length > 1;
  return isFloat(attr.value.dtype) && isMatrix ? [[value, attr.value]] : [];
}

/** `graph` with other tensors in the place of its initializers and of what its Constants hold; what does not change stays the same object. */
export function withWeights(graph: Graph, made: ReadonlyMap<Value, Tensor>): Graph {
  const nodes = mapSame(graph.nodes, (node) => {
    const held = node.op === 'Constant' && node.outputs[0] ? made.get(node.outputs[0]) : undefined;
    if (held) return { ...node, attrs: { value: { kind: 'tensor', value: held } as const } };
    const attrs = mapBodies(node.attrs, (body) => withWeights(body, made));
    return attrs === node.attrs ? node : { ...node, attrs };
  });
  const isSame = nodes === graph.nodes && ![...graph.initializers.keys()].some((value) => made.has(value));
  if (isSame) return graph;
  const initializers = new Map([...graph.initializers].map(([value, t]) => [value, made.get(value) ?? t]));
  return { ...graph, nodes, initializers };
}
