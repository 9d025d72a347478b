/** mask: the same graph with zeros wherever a sum is taken over units that are gone: what a shrunk one has to compute. */
import { type Axis, kept } from '../axes/axis.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import type { Flows, Site } from './flows.js';
import type { Living } from './shrink.js';

/** One factor of each product is enough, and the same one for all units: a stored weight where there is one. */
export function mask({ graph, axes, sums }: Flows, living: Living): Graph {
  const g = builderFor(graph, 'masked');
  const axisOf = ({ node, input, axis }: Site): Axis => axes.get(node.inputs[input]!)![axis]!;
  const sites = new Map<Node, Site[]>();
  for (const site of sums) {
    const isWhole = kept(axisOf(site), living).every((stays) => stays === 1);
    if (!isWhole) sites.set(site.node, [...(sites.get(site.node) ?? []), site]);
  }
  const isStored = ({ node, input }: Site): boolean => graph.initializers.has(node.inputs[input]!);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const own = sites.get(node) ?? [];
    const stored = own.filter(isStored);
    const inputs: (Value | null)[] = [...node.inputs];
    const emitted = g.nodes.length;
    for (const site of stored.length > 0 ? stored : own) {
      const { input, axis } = site;
      const shape = axes.get(node.inputs[input]!)!.map(({ size }, at) => (at === axis ? size : 1));
      const zeros = g.floats(kept(axisOf(site), living), shape);
      inputs[input] = g.mul(inputs[input]!, g.op('CastLike', [zeros, inputs[input]!]));
    }
    nodes.push(...g.nodes.slice(emitted), own.length > 0 ? { ...node, inputs } : node);
  }
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
}
