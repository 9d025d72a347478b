/** A graph with zeros in the place of what branches add, by other means than those it is compared with: cut off at 0 from both sides. */
import type { Branch } from '../../src/depth/branches.js';
import type { Graph, Node } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';

export function closed(graph: Graph, branches: readonly Branch[]): Graph {
  const g = builderFor(graph, 'closed');
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const branch = branches.find((each) => each.node === node);
    const emitted = g.nodes.length;
    const zeros = branch && g.op('Clip', [branch.made, g.scalar(0), g.scalar(0)]);
    const inputs = node.inputs.map((value) => (branch && value === branch.made ? zeros! : value));
    nodes.push(...g.nodes.slice(emitted), { ...node, inputs });
  }
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
}
