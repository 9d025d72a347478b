/** goingWith: what nobody needs any more once sums are without one of their operands. */
import { reads } from '../ir/graph.js';
import type { Graph, Node, Value } from '../ir/types.js';

/** A sum that is to be one of its operands. */
export interface Passed {
  readonly node: Node;
  /** The operand that stays. */
  readonly past: Value;
}

export interface Going {
  /** Without the sums themselves. */
  readonly nodes: ReadonlySet<Node>;
  readonly initializers: ReadonlySet<Value>;
}

/** What was of no use before is not among it. */
export function goingWith(graph: Graph, sums: readonly Passed[]): Going {
  const passed = new Map(sums.map(({ node, past }) => [node, past]));
  const [before, after] = [
    aliveIn(graph, reads),
    aliveIn(graph, (node) => {
      const past = passed.get(node);
      return past ? [past] : reads(node);
    }),
  ];
  return {
    nodes: new Set([...before.nodes].filter((node) => !after.nodes.has(node))),
    initializers: new Set(
      [...graph.initializers.keys()].filter((value) => before.values.has(value) && !after.values.has(value)),
    ),
  };
}

function aliveIn(graph: Graph, readsOf: (node: Node) => readonly Value[]) {
  const values = new Set<Value>(graph.outputs);
  const nodes = new Set<Node>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => value && values.has(value))) continue;
    nodes.add(node);
    for (const value of readsOf(node)) values.add(value);
  }
  return { nodes, values };
}
