/** blocksOf: which branches go together, because the network repeats them as one. */
import type { Graph } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import { findRegions, granularities } from '../regions/index.js';
import type { Branch, Branches } from './branches.js';
import { goingWith } from './going.js';

export interface Blocks {
  /** The branches of each, in the order of the graph. */
  readonly blocks: readonly (readonly Branch[])[];
  readonly refused: Branches['refused'];
}

/**
 * The branches of one region of granularity `block` are a block: an attention and its MLP; a residual block of convolutions alone. Where the
 * region has more layers than its branches, it cannot go as a whole, and they are refused.
 * @param layers of the graph.
 */
export function blocksOf(graph: Graph, layers: readonly Layer[], branches: readonly Branch[]): Blocks {
  const regions = granularities.block(findRegions(graph, layers));
  const groups = new Map<unknown, Branch[]>();
  for (const branch of branches) {
    const home = regions.find(({ nodes }) => nodes.includes(branch.node)) ?? branch;
    groups.set(home, [...(groups.get(home) ?? []), branch]);
  }
  const refused = regions.flatMap((region) => {
    const own = groups.get(region);
    if (!own) return [];
    const { nodes: going } = goingWith(graph, own);
    const beside = region.layers.find(({ uses }) => !uses.some(({ node }) => going.has(node)));
    if (!beside) return [];
    groups.delete(region);
    const reason = `'${beside.name}' of the same block would stay: only its branches could go`;
    return own.map(({ nodes }) => ({ nodes, reason }));
  });
  return { blocks: [...groups.values()], refused };
}
