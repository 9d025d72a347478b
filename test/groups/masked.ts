/** The masked model, by other means than those it is compared with: every sum over units is taken over products with zeros and ones. */
import { type Axis, kept } from '../../src/axes/axis.js';
import type { Flows } from '../../src/groups/flows.js';
import type { Group } from '../../src/groups/groups.js';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { builderFor } from '../../src/ops/builder.js';

export function masked({ graph, axes }: Flows, groups: readonly Group[], living: ReadonlyMap<Axis, Uint8Array>): Graph {
  const g = builderFor(graph, 'masked');
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const emitted = g.nodes.length;
    const inputs = [...node.inputs];
    for (const site of new Set(groups.flatMap(({ sums }) => sums))) {
      if (site.node !== node) continue;
      const own = axes.get(node.inputs[site.input]!)!;
      const shape = own.map(({ size }, at) => (at === site.axis ? size : 1));
      const x = inputs[site.input] as Value;
      inputs[site.input] = g.mul(x, g.op('CastLike', [g.floats(kept(own[site.axis]!, living), shape), x]));
    }
    nodes.push(...g.nodes.slice(emitted), { ...node, inputs });
  }
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
}
