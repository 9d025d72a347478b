/** findRegions: what a network is made of, read off its graph and never off its names. */
import type { Graph, Node, TensorType, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import { type Flow, followData } from './flow.js';
import { kindOf, signatureOf } from './kinds.js';
import { leaveByDefault } from './left-by-default.js';
import { splitParallel } from './parallel.js';
import { Borders, type RegionKind } from './region.js';
import { findSegments } from './segments.js';

/** The smallest piece that granularities are made of: an attention half, an MLP half, a residual block, one convolution. */
export interface Piece {
  readonly kind: RegionKind;
  readonly nodes: readonly Node[];
  readonly layers: readonly Layer[];
  /** Equal for pieces that look the same. */
  readonly signature: string;
}

export interface Structure {
  readonly graph: Graph;
  /** All that were given, whether a piece holds them or not. */
  readonly layers: readonly Layer[];
  /** In an order in which they can run. */
  readonly pieces: readonly Piece[];
  /** What the network computes in the end, cached keys and values not included. */
  readonly targets: ReadonlySet<Value>;
  /** Layers that a method leaves alone unless asked for, with the reason. */
  readonly leftByDefault: ReadonlyMap<Layer, string>;
  readonly flow: Flow;
  readonly borders: Borders;
}

/**
 * Finds the pieces between the points where all paths from the main input to the main output meet.
 * @param types helps where the file does not say which graph inputs and inner values are floating point; rarely needed.
 */
export function findRegions(graph: Graph, layers: readonly Layer[], types?: ReadonlyMap<Value, TensorType>): Structure {
  const flow = followData(graph, types);
  const users = new Set(layers.flatMap(({ uses }) => uses.map(({ node }) => node)));
  const isLayer = (node: Node): boolean => users.has(node);
  const { segments: found, targets } = findSegments(flow, isLayer);
  const segments = found.flatMap(({ nodes, isHead }) =>
    (isHead ? [nodes] : splitParallel(flow, nodes, isLayer)).map((part) => ({ nodes: part, isHead })),
  );

  const byNode = new Map<Node, number>();
  segments.forEach(({ nodes }, i) => {
    for (const node of nodes) byNode.set(node, i);
  });
  const homes = new Map(layers.map((layer) => [layer, homeOf(layer, byNode)] as const));
  const pieces = segments.map(({ nodes, isHead }, i): Piece => {
    const own = inOrder(
      nodes,
      layers.filter((layer) => homes.get(layer) === i),
    );
    const signature = signatureOf(flow, nodes, own);
    return { kind: isHead ? 'head' : kindOf(flow, nodes, isLayer), nodes, layers: own, signature };
  });
  const leftByDefault = leaveByDefault(flow, layers, homes, pieces);
  const borders = new Borders(flow, liveNodes(flow, pieces, targets), targets);
  return { graph, layers, pieces, targets, leftByDefault, flow, borders };
}

/** The piece of a layer's first use, or undefined where no use depends on a graph input. */
function homeOf(layer: Layer, byNode: ReadonlyMap<Node, number>): number | undefined {
  const homes = layer.uses.flatMap(({ node }) => byNode.get(node) ?? []);
  return homes.length > 0 ? Math.min(...homes) : undefined;
}

function inOrder(nodes: readonly Node[], layers: readonly Layer[]): Layer[] {
  const positions = new Map(nodes.map((node, i) => [node, i]));
  const first = (layer: Layer): number => Math.min(...layer.uses.map(({ node }) => positions.get(node) ?? Infinity));
  return [...layers].sort((a, b) => first(a) - first(b));
}

/** Everything that the pieces or the targets are computed from: not what only makes cached keys and values. */
function liveNodes(flow: Flow, pieces: readonly Piece[], targets: ReadonlySet<Value>): Set<Node> {
  const live = new Set(pieces.flatMap(({ nodes }) => nodes));
  const wanted = new Set<Value>(targets);
  for (const node of [...flow.graph.nodes].reverse()) {
    if (!live.has(node) && !node.outputs.some((value) => value && wanted.has(value))) continue;
    live.add(node);
    for (const value of flow.reads.get(node) ?? []) wanted.add(value);
  }
  return live;
}
