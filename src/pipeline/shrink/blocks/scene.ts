/** Blocks that can go from a model: found, named after their weights and chosen by these names. */
import { workingCopy as preparedCopy } from '../../../autodiff/prepare.js';
import { blocksOf } from '../../../depth/blocks.js';
import { type Branch, branchesOf } from '../../../depth/branches.js';
import { costsWithout } from '../../../depth/costs.js';
import { placeIn } from '../../../depth/drop.js';
import { goingWith } from '../../../depth/going.js';
import type { DepthKind } from '../../../depth/kinds.js';
import { unsupported } from '../../../errors.js';
import { type Costs, costsOf } from '../../../groups/costs.js';
import { type Flows, flowsOf } from '../../../groups/flows.js';
import type { Graph, Model, Node } from '../../../ir/types.js';
import { findLayers, type Layer } from '../../../ops/layers.js';
import { isFloat } from '../../../tensor/dtype.js';
import { constantsHeld } from '../../grad/constants-held.js';
import { type ModelLayers, modelLayers } from '../../model-layers.js';
import type { LayerRequest } from '../../prune/request.js';
import { flatCopy } from '../../working-copy.js';
import { type LeftAlone, nodeFirst } from '../scene.js';
import { withinPatterns } from '../within-patterns.js';

/** Branches that go together. */
export interface Block {
  /** That of its first weight. */
  readonly name: string;
  /** The node that uses that weight first, unless it has no name. */
  readonly node?: string;
  readonly branches: readonly Branch[];
  /** Matrices of the copy that go with it, quantised ones included. */
  readonly layers: readonly Layer[];
  /** All weights that go with it. */
  readonly held: readonly string[];
  /** How many numbers these are. */
  readonly weights: number;
}

export interface BlockScene {
  readonly model: Model;
  /** The float32 copy at opset 21 that is looked at and run. */
  readonly copy: Graph;
  readonly flows: Flows;
  readonly dense: Costs;
  /** As the model stores them. */
  readonly own: ModelLayers;
  readonly blocks: readonly Block[];
  readonly left: readonly LeftAlone[];
}

export interface DepthChoice {
  readonly depth: DepthKind;
  readonly layers: LayerRequest;
}

/** @throws UserError (exit 3) when nothing can go. */
export async function setBlockScene(model: Model, choice: DepthChoice, where: string): Promise<BlockScene> {
  const copy = constantsHeld(preparedCopy(flatCopy(model.graph)));
  const flows = await flowsOf(copy);
  const { graph, axes } = flows;
  const { layers, skipped } = findLayers(graph);
  const users = new Set<Node>([...layers.flatMap(({ uses }) => uses), ...skipped].map(({ node }) => node));
  const found = branchesOf(
    graph,
    (value) => axes.get(value)?.map(({ size }) => size),
    (node) => users.has(node),
  );
  const { open, inside } = byPlace(model.graph, found.branches);
  const { blocks, refused } =
    choice.depth === 'blocks' ? blocksOf(graph, layers, open) : { blocks: open.map((branch) => [branch]), refused: [] };
  const dense = costsOf(flows);
  const reasons = [...found.refused, ...inside, ...refused];
  if (blocks.length === 0) {
    throw unsupported(
      where,
      `expected ${choice.depth} that can go, found none (${reasons[0]?.reason ?? 'no layers are added to what goes past them'}); choose other --units`,
    );
  }
  const all = blocks.map((branches) => blockOf(flows, branches, layers, dense));
  const chosen = withinPatterns(all, namesIn, choice.layers, choice.depth);
  const others = all
    .filter((block) => !chosen.includes(block))
    .map(({ branches }) => ({
      nodes: [...goingWith(graph, branches).nodes],
      reason: 'not among what was asked for',
    }));
  return {
    ...{ model, copy, flows, dense, blocks: chosen },
    own: modelLayers(model.graph),
    left: leftAlone(graph, layers, chosen, [...others, ...reasons]),
  };
}

const namesIn = ({ layers, held }: Block): string[] => [...layers.map(({ name }) => name), ...held];

/** Branches that the model itself adds up, and those that it does in functions or branches of control flow. */
function byPlace(of: Graph, branches: readonly Branch[]) {
  const open = new Set(branches.filter((branch) => placeIn(of, branch)));
  return {
    open: [...open],
    inside: branches
      .filter((branch) => !open.has(branch))
      .map(({ nodes }) => ({ nodes, reason: 'it stands in a function or in a branch of control flow' })),
  };
}

function blockOf(flows: Flows, branches: readonly Branch[], layers: readonly Layer[], dense: Costs): Block {
  const { nodes, initializers } = goingWith(flows.graph, branches);
  const own = layers.filter(({ uses }) => uses.every(({ node }) => nodes.has(node)));
  const held = [...initializers].filter((value) => isFloat(flows.graph.initializers.get(value)!.dtype));
  const first = layers.find(({ uses }) => uses.some(({ node }) => branches[0]!.nodes.includes(node)));
  return {
    name: first?.name ?? held[0]?.name ?? branches[0]!.sum.name,
    ...(first && nodeFirst(first)),
    branches,
    layers: own,
    held: held.map(({ name }) => name),
    weights: dense.parameters - costsWithout(flows, branches).parameters,
  };
}

/** Matrices that stay whatever goes, with the reason. */
function leftAlone(
  graph: Graph,
  layers: readonly Layer[],
  blocks: readonly Block[],
  refused: readonly { readonly nodes: readonly Node[]; readonly reason: string }[],
): LeftAlone[] {
  const { nodes: going } = goingWith(
    graph,
    blocks.flatMap(({ branches }) => branches),
  );
  const isUsed = ({ uses }: Layer, nodes: (node: Node) => boolean): boolean => uses.some(({ node }) => nodes(node));
  return layers
    .filter((layer) => !isUsed(layer, (node) => going.has(node)))
    .map((layer) => {
      const own = refused.find(({ nodes }) => isUsed(layer, (node) => nodes.includes(node)));
      const reason = own?.reason ?? 'what it makes is not added to what goes past it';
      return { name: layer.name, ...nodeFirst(layer), shape: layer.stored.shape, reason };
    });
}
