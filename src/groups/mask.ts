/** mask: the same graph with zeros wherever a sum is taken over units that are gone: what a shrunk one has to compute. */
import { type Axis, kept } from '../axes/axis.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { type Builder, builderFor } from '../ops/builder.js';
import { meansOfKept } from '../ops/means-of-kept.js';
import { substitute } from '../rewrite/substitute.js';
import type { Flows, Site } from './flows.js';
import type { Living } from './shrink.js';

/**
 * One factor of each product is enough, and the same one for all units: a stored weight where there is one. Means, in norms above all, are
 * over the units that are left.
 */
export function mask({ graph, axes, sums, means }: Flows, living: Living): Graph {
  const g = builderFor(graph, 'masked');
  const axisOf = ({ node, input, axis }: Site): Axis => axes.get(node.inputs[input]!)![axis]!;
  const isCut = (site: Site): boolean => kept(axisOf(site), living).includes(0);
  const [summed, averaged] = [byNode(sums.filter(isCut)), byNode(means.filter(isCut))];
  const zerosFor = ({ node, input, axis }: Site): Value => {
    const own = axes.get(node.inputs[input]!)!;
    const shape = own.map(({ size }, at) => (at === axis ? size : 1));
    return g.op('CastLike', [g.floats(kept(own[axis]!, living), shape), node.inputs[input]!]);
  };
  const isStored = ({ node, input }: Site): boolean => graph.initializers.has(node.inputs[input]!);
  const nodes: Node[] = [];
  const replaced = new Map<Value, Value>();
  for (const node of graph.nodes) {
    const own = summed.get(node) ?? [];
    const stored = own.filter(isStored);
    const inputs: (Value | null)[] = [...node.inputs];
    const emitted = g.nodes.length;
    for (const site of stored.length > 0 ? stored : own)
      inputs[site.input] = g.mul(inputs[site.input]!, zerosFor(site));
    const [mean] = averaged.get(node) ?? [];
    if (mean) {
      const made = meansOver(g, mean, zerosFor(mean), kept(axisOf(mean), living));
      for (const [i, y] of node.outputs.entries()) if (y) replaced.set(made[i]!, y);
    }
    nodes.push(...g.nodes.slice(emitted), ...(mean ? [] : [own.length > 0 ? { ...node, inputs } : node]));
  }
  const whole = { ...graph, nodes, initializers: new Map([...graph.initializers, ...g.initializers]) };
  return replaced.size === 0 ? whole : substitute(whole, (value) => replaced.get(value) ?? value);
}

function meansOver(g: Builder, { node, axis }: Site, zeros: Value, stays: Uint8Array): readonly (Value | null)[] {
  const count = stays.reduce((sum, one) => sum + one, 0);
  const factor = g.op('CastLike', [g.scalar(stays.length / count), node.inputs[0]!]);
  return meansOfKept(g, node, { kept: zeros, factor, axis });
}

function byNode(sites: readonly Site[]): Map<Node, Site[]> {
  const found = new Map<Node, Site[]>();
  for (const site of sites) found.set(site.node, [...(found.get(site.node) ?? []), site]);
  return found;
}
