/** Which layers methods leave alone unless asked for, and why. */
import type { Node, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Flow } from './flow.js';
import type { Piece } from './structure.js';
import { dataGraph, descendants, sourcesOf } from './walk.js';

/** @param homes the position of each layer's piece; undefined where no data reaches it. */
export function leaveByDefault(
  flow: Flow,
  layers: readonly Layer[],
  homes: ReadonlyMap<Layer, number | undefined>,
  pieces: readonly Piece[],
): Map<Layer, string> {
  const left = new Map<Layer, string>();
  const hasInner = pieces.some(({ kind, layers: own }) => kind !== 'head' && own.length > 0);
  const reached = reachedByFeatures(flow);
  const hasFeatures = layers.some((layer) => isReached(layer, reached));
  for (const layer of layers) {
    const home = homes.get(layer);
    if (layer.role === 'embedding-tied') left.set(layer, 'shares its weight with an embedding');
    else if (home === undefined) left.set(layer, 'its input does not depend on the data');
    else if (hasFeatures && !isReached(layer, reached)) left.set(layer, 'sees only positions or a mask');
    else if (pieces[home]!.kind === 'head' && hasInner) left.set(layer, 'output head');
  }
  return left;
}

const isReached = (layer: Layer, reached: ReadonlySet<Node>): boolean =>
  layer.uses.some(({ node }) => reached.has(node));

/** Nodes reached from floating-point inputs and embeddings; numbers cast from integers are positions or masks beside them. */
function reachedByFeatures(flow: Flow): Set<Node> {
  const graph = dataGraph(flow, flow.graph.nodes);
  const cast = new Set<Value>();
  for (const node of graph.nodes) {
    if (node.op === 'Cast' || node.op === 'Where') for (const value of graph.makes(node)) cast.add(value);
  }
  return descendants(
    graph,
    sourcesOf(graph).filter((source) => !cast.has(source)),
  );
}
