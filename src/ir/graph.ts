/** Questions about a graph: who makes a value, who uses it, what a control-flow node captures from outside. */
import type { Graph, Node, Value } from './types.js';

/** The node that makes each value; graph inputs and initializers are absent. */
export function producers(graph: Graph): Map<Value, Node> {
  const made = new Map<Value, Node>();
  for (const node of graph.nodes) for (const value of node.outputs) if (value) made.set(value, node);
  return made;
}

/** The nodes that read each value, in order, captures by subgraphs included; a node stands once per value. */
export function consumers(graph: Graph): Map<Value, Node[]> {
  const readers = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const value of new Set(reads(node))) {
      const list = readers.get(value);
      if (list) list.push(node);
      else readers.set(value, [node]);
    }
  }
  return readers;
}

/** Every value a node reads: its inputs, and what its subgraphs capture from the enclosing scopes. */
export function reads(node: Node): Value[] {
  const values = node.inputs.filter((value): value is Value => value !== null);
  for (const body of subgraphs(node)) for (const value of captures(body)) values.push(value);
  return values;
}

/** The graphs held in a node's attributes (If, Loop, Scan, ...). */
export function subgraphs(node: Node): Graph[] {
  return Object.values(node.attrs).flatMap((attr) =>
    attr.kind === 'graph' ? [attr.value] : attr.kind === 'graphs' ? attr.value : [],
  );
}

/** Values a subgraph uses but does not define: they belong to an enclosing scope. */
export function captures(body: Graph): Value[] {
  const local = new Set<Value>([...body.inputs, ...body.initializers.keys()]);
  const outer = new Set<Value>();
  for (const node of body.nodes) {
    for (const value of reads(node)) if (!local.has(value)) outer.add(value);
    for (const value of node.outputs) if (value) local.add(value);
  }
  for (const value of body.outputs) if (!local.has(value)) outer.add(value);
  return [...outer];
}

/** Inputs a caller must feed: those without an initializer. */
export const feeds = (graph: Graph): Value[] => graph.inputs.filter((value) => !graph.initializers.has(value));

/** All values by name: inputs, initializers and node outputs of this graph (not of its subgraphs). */
export function valuesByName(graph: Graph): Map<string, Value> {
  const named = new Map<string, Value>();
  for (const value of graph.inputs) named.set(value.name, value);
  for (const value of graph.initializers.keys()) named.set(value.name, value);
  for (const node of graph.nodes) for (const value of node.outputs) if (value) named.set(value.name, value);
  return named;
}

/** A graph of the current opset with nothing in it but these inputs. */
export const emptyGraph = (name: string, inputs: readonly Value[] = []): Graph => ({
  name,
  inputs,
  outputs: [],
  nodes: [],
  initializers: new Map(),
  opsets: new Map([['', 21]]),
  functions: [],
});
