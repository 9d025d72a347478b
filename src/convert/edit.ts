/** edit: a graph whose nodes are exchanged one by one, with what is emitted before each, and without weights that nothing reads any more. */
import { producers, reads } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { passesOn } from '../ops/constants.js';

/**
 * @param g emits what stands before a node, in `exchange`; it was made for `graph`.
 * @param exchange the node in another form, or the same; nodes emitted meanwhile stand before it.
 * @param weights that go, with the nodes that only pass them on, where nobody reads them afterwards.
 */
export function edit(graph: Graph, g: Builder, exchange: (node: Node) => Node, weights: Iterable<Value>): Graph {
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const emitted = g.nodes.length;
    const next = exchange(node);
    nodes.push(...g.nodes.slice(emitted), next);
  }
  const whole = { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
  return listed(graph, withoutUnread(whole, weights));
}

/** Without those of `weights` that nothing reads, and without nodes that pass only such on. */
export function withoutUnread(graph: Graph, weights: Iterable<Value>): Graph {
  const readers = new Map<Value, number>();
  const count = (value: Value, by: number): void => {
    readers.set(value, (readers.get(value) ?? 0) + by);
  };
  for (const node of graph.nodes) for (const value of reads(node)) count(value, 1);
  for (const value of graph.outputs) count(value, 1);
  const makers = producers(graph);
  const gone = new Set<Value>();
  const goneNodes = new Set<Node>();
  const drop = (value: Value): void => {
    if ((readers.get(value) ?? 0) > 0 || gone.has(value)) return;
    gone.add(value);
    const maker = makers.get(value);
    if (!maker) return;
    goneNodes.add(maker);
    for (const input of reads(maker)) {
      count(input, -1);
      drop(input);
    }
  };
  // what passes a weight on goes before it, from the end backwards
  for (const value of passedOn(graph, new Set(weights)).toReversed()) drop(value);
  if (gone.size === 0) return graph;
  return {
    ...graph,
    inputs: graph.inputs.filter((value) => !gone.has(value)),
    nodes: graph.nodes.filter((node) => !goneNodes.has(node)),
    initializers: new Map([...graph.initializers].filter(([value]) => !gone.has(value))),
  };
}

/** `weights` and what is made of them by nodes that pass them on, in order. */
function passedOn(graph: Graph, weights: ReadonlySet<Value>): Value[] {
  const known = new Set(weights);
  for (const node of graph.nodes) {
    const [from, to] = [node.inputs[0], node.outputs[0]];
    if (from && to && known.has(from) && passesOn(node)) known.add(to);
  }
  return [...known];
}

/** Files of IR version 3 list every initializer among the inputs: new ones too then. */
function listed(before: Graph, after: Graph): Graph {
  const inputs = new Set(before.inputs);
  const listsAll = before.initializers.size > 0 && [...before.initializers.keys()].every((value) => inputs.has(value));
  if (!listsAll) return after;
  const added = [...after.initializers.keys()].filter((value) => !before.initializers.has(value));
  return { ...after, inputs: [...after.inputs, ...added] };
}
