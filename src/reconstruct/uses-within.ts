/** Where a layer is used inside a region; elsewhere it may be used too. */
import { producers } from '../ir/graph.js';
import type { Graph } from '../ir/types.js';
import type { Layer, Use } from '../ops/layers.js';

export function usesWithin(graph: Graph, { uses }: Layer): readonly Use[] {
  const made = producers(graph);
  return uses.filter(({ node }) => node.outputs.some((value) => value !== null && made.has(value)));
}
