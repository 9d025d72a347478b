/** A graph as the finder of branches sees it. */
import { workingCopy } from '../../src/autodiff/prepare.js';
import { type Branches, branchesOf } from '../../src/depth/branches.js';
import { type Flows, flowsOf } from '../../src/groups/flows.js';
import type { Graph, Node } from '../../src/ir/types.js';
import { findLayers, type Layer } from '../../src/ops/layers.js';

export interface Seen extends Branches {
  readonly flows: Flows;
  readonly layers: readonly Layer[];
}

export async function look(graph: Graph): Promise<Seen> {
  const flows = await flowsOf(workingCopy(graph));
  const { layers, skipped } = findLayers(flows.graph);
  const users = new Set<Node>([...layers.flatMap(({ uses }) => uses), ...skipped].map(({ node }) => node));
  const found = branchesOf(
    flows.graph,
    (value) => flows.axes.get(value)?.map(({ size }) => size),
    (node) => users.has(node),
  );
  return { ...found, flows, layers };
}
