/** Replaces values throughout a graph and the bodies of its control flow: what the verbs that rename build on. */
import type { Attr, Graph, Node, Value } from '../ir/types.js';

export type Substitution = (value: Value) => Value;

/** `graph` with `to(value)` wherever a value is defined, read or captured. What does not change stays the same object. */
export function substitute(graph: Graph, to: Substitution): Graph {
  const inputs = mapSame(graph.inputs, to);
  const outputs = mapSame(graph.outputs, to);
  const nodes = mapSame(graph.nodes, (node) => substituteNode(node, to));
  const keys = [...graph.initializers.keys()];
  const isRenamed = keys.some((value) => to(value) !== value);
  const isSame = inputs === graph.inputs && outputs === graph.outputs && nodes === graph.nodes && !isRenamed;
  if (isSame) return graph;
  const initializers = isRenamed
    ? new Map([...graph.initializers].map(([value, t]) => [to(value), t]))
    : graph.initializers;
  return { ...graph, inputs, outputs, nodes, initializers };
}

export function substituteNode(node: Node, to: Substitution): Node {
  const inputs = mapSame(node.inputs, (value) => value && to(value));
  const outputs = mapSame(node.outputs, (value) => value && to(value));
  const attrs = mapBodies(node.attrs, (body) => substitute(body, to));
  const isSame = inputs === node.inputs && outputs === node.outputs && attrs === node.attrs;
  return isSame ? node : { ...node, inputs, outputs, attrs };
}

/** `attrs` with `change` applied to every subgraph; the same object where no subgraph changes. */
export function mapBodies(attrs: Node['attrs'], change: (body: Graph) => Graph): Node['attrs'] {
  const entries = Object.entries(attrs);
  const changed = entries.map(([name, attr]) => [name, mapBody(attr, change)] as const);
  return changed.some(([, attr], i) => attr !== entries[i]?.[1]) ? Object.fromEntries(changed) : attrs;
}

function mapBody(attr: Attr, change: (body: Graph) => Graph): Attr {
  if (attr.kind === 'graph') {
    const value = change(attr.value);
    return value === attr.value ? attr : { ...attr, value };
  }
  if (attr.kind === 'graphs') {
    const value = mapSame(attr.value, change);
    return value === attr.value ? attr : { ...attr, value };
  }
  return attr;
}

/** `items` through `change`; the same array when no item changes. */
export function mapSame<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = items.map(change);
  return changed.every((item, i) => item === items[i]) ? items : changed;
}
