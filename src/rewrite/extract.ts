/** extract: the part of a graph between two sets of values. */
import { UserError } from '../errors.js';
import { producers, reads, valuesByName } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';

/**
 * The nodes that `outputs` need once `inputs` are given, with the constants, initializers and captured values these need.
 * Values stay the same objects. An inner value usually has no type, and an input needs one: give `compile` the map that
 * `annotate` returned.
 * @throws UserError when a value is not of the graph, or when outputs also depend on graph inputs that are not given.
 */
export function extract(graph: Graph, inputs: readonly Value[], outputs: readonly Value[]): Graph {
  checkKnown(graph, [...inputs, ...outputs]);
  const { nodes, leaves } = ancestors(graph, new Set(inputs), outputs);
  const missing = graph.inputs.filter((value) => leaves.has(value) && !graph.initializers.has(value));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `'${name}'`).join(', ');
    throw new UserError('extract', `outputs also depend on graph inputs ${names}; add them to inputs`);
  }
  return {
    ...graph,
    inputs: [...new Set(inputs)],
    outputs: [...outputs],
    nodes: graph.nodes.filter((node) => nodes.has(node)),
    initializers: new Map([...graph.initializers].filter(([value]) => leaves.has(value))),
  };
}

/** Nodes reached from `ends` without crossing `given`, and the inputs and initializers that they reach. */
function ancestors(graph: Graph, given: ReadonlySet<Value>, ends: readonly Value[]) {
  const made = producers(graph);
  const nodes = new Set<Node>();
  const leaves = new Set<Value>();
  const pending = [...ends];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (given.has(value)) continue;
    const node = made.get(value);
    if (!node) leaves.add(value);
    else if (!nodes.has(node)) {
      nodes.add(node);
      pending.push(...reads(node));
    }
  }
  return { nodes, leaves };
}

function checkKnown(graph: Graph, values: readonly Value[]): void {
  const known = valuesByName(graph);
  for (const value of values) {
    if (known.get(value.name) !== value) {
      const advice = 'look for a name that nothing in the model makes';
      throw new UserError('extract', `expected a value of the graph, got '${value.name}'; ${advice}`);
    }
  }
}
