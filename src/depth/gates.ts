/** gated: a graph with a factor before what each block adds: at 1 it is the graph, at 0 the graph without the block. */
import type { Graph, Node, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { mapSame } from '../rewrite/substitute.js';
import type { Branch } from './branches.js';

export interface Gated {
  readonly graph: Graph;
  /** Scalars in float32, initializers, one a block. */
  readonly gates: readonly Value[];
}

/** @param blocks the branches of each. @param factors of each. */
export function gated(graph: Graph, blocks: readonly (readonly Branch[])[], factors: ArrayLike<number>): Gated {
  const g = builderFor(graph, 'gates');
  const gates = blocks.map((_, block) => g.scalar(factors[block]!));
  const found = new Map(
    blocks.flatMap((branches, block) =>
      branches.map(({ node, made }) => [node, { made, gate: gates[block]! }] as const),
    ),
  );
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const own = found.get(node);
    const emitted = g.nodes.length;
    const isMade = (value: Value | null): boolean => own !== undefined && value === own.made;
    const closed = own && g.mul(own.made, g.op('CastLike', [own.gate, own.made]));
    const inputs = mapSame(node.inputs, (value) => (isMade(value) ? closed! : value));
    nodes.push(...g.nodes.slice(emitted), own ? { ...node, inputs } : node);
  }
  return { graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) }, gates };
}
