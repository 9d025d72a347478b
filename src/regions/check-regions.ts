/** What regions must be to each other so that they can be worked on one after another. */
import { UserError } from '../errors.js';
import type { Node, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Region } from './region.js';
import type { Structure } from './structure.js';

/** @throws UserError when a layer lies in two regions, or a region reads what itself or a later one makes. */
export function checkRegions(structure: Structure, regions: readonly Region[], file: string): void {
  checkOverlap(structure, regions, file);
  checkOrder(structure, regions, file);
}

/** A weight may be used in several regions; a node that uses it lies in one, and one region alone works on it. */
function checkOverlap({ layers }: Structure, regions: readonly Region[], file: string): void {
  const layerOf = new Map(layers.flatMap((layer) => layer.uses.map(({ node }) => [node, layer] as const)));
  const homes = new Map<Node | Layer, string>();
  for (const { name, nodes, layers: own } of regions) {
    for (const thing of [...nodes.filter((node) => layerOf.has(node)), ...own]) {
      const other = homes.get(thing);
      if (other !== undefined) {
        const layer = 'uses' in thing ? thing.name : layerOf.get(thing)!.name;
        throw new UserError(
          file,
          `expected each layer in one region, got '${layer}' in '${other}' and '${name}'; cut one of them shorter`,
        );
      }
      homes.set(thing, name);
    }
  }
}

/** One walk along the graph for each region: which values are computed from what it makes. */
function checkOrder({ graph, flow }: Structure, regions: readonly Region[], file: string): void {
  const behind = regions.map((region) => {
    const own = new Set<Node>(region.nodes);
    const values = new Set<Value | null>();
    for (const node of graph.nodes) {
      if (!own.has(node) && !flow.reads.get(node)!.some((value) => values.has(value))) continue;
      for (const value of node.outputs) values.add(value);
    }
    return values;
  });
  for (const [i, region] of regions.entries()) {
    const own = region.inputs.find((value) => behind[i]!.has(value));
    if (own)
      throw new UserError(
        file,
        `expected region '${region.name}' to be computed in one go, got its input '${own.name}', which is computed from what it makes; take in what lies between`,
      );
    for (const [j, later] of regions.entries()) {
      if (j <= i || !region.inputs.some((value) => behind[j]!.has(value))) continue;
      throw new UserError(
        file,
        `expected regions in the order in which they run, got '${region.name}' before '${later.name}', from which it is computed; put it behind`,
      );
    }
  }
}
