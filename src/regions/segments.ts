/** Cuts a graph into segments: trunk first, then what lies beside it, then what each segment needs besides. */
import type { Node, Value } from '../ir/types.js';
import type { Flow, FlowKind } from './flow.js';
import { joinParts, type Segment } from './parts.js';
import { findTrunk } from './trunk.js';
import { ancestors, type DataGraph, dataGraph, descendants } from './walk.js';

export type { Segment } from './parts.js';

/**
 * Segments in an order in which they can run. Every layer node that depends on a graph input lies in exactly one, and what
 * a segment reads is made by earlier ones, or can be computed from the graph inputs before the first.
 * @param isLayer whether a node reads a prunable weight.
 */
export function findSegments(flow: Flow, isLayer: (node: Node) => boolean): Segmentation {
  const graph = dataGraph(flow, flow.graph.nodes);
  const targets = mainTargets(graph, isLayer);
  return { targets, segments: takeIn(flow, segmentsTowards(graph, targets, isLayer), isLayer) };
}

export interface Segmentation {
  readonly segments: readonly Segment[];
  /** What the network is for: logits and the like; cached keys and values are not among them. */
  readonly targets: ReadonlySet<Value>;
}

/** The data outputs that the most layers lead to; where no output is data, the last data on the way to one. */
function mainTargets(graph: DataGraph, isLayer: (node: Node) => boolean): Set<Value> {
  const candidates = graph.flow.graph.outputs.map((output) => {
    const targets = nearestData(graph.flow, output);
    return { targets, layers: [...ancestors(graph, targets)].filter(isLayer).length };
  });
  const most = Math.max(0, ...candidates.map(({ layers }) => layers));
  return new Set(candidates.flatMap(({ targets, layers }) => (layers === most ? [...targets] : [])));
}

function nearestData(flow: Flow, output: Value): Set<Value> {
  const made = new Map(flow.graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  const targets = new Set<Value>();
  const seen = new Set<Value>();
  const pending = [output];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (flow.kinds.get(value) === 'data') targets.add(value);
    else pending.push(...(flow.reads.get(made.get(value)!) ?? []));
  }
  return targets;
}

/** @param hasEnd false for an encoder beside the decoder's trunk: it ends in no output of its own. */
function segmentsTowards(
  graph: DataGraph,
  targets: ReadonlySet<Value>,
  isLayer: (node: Node) => boolean,
  hasEnd = true,
): Segment[] {
  const trunk = findTrunk(graph, targets, isLayer);
  if (!trunk) return [];
  const main = joinParts(graph, trunk.parts, isLayer, hasEnd);
  const onTrunk = new Set(trunk.parts.flat());
  const reached = descendants(graph, trunk.sources);
  const rest = graph.nodes.filter((node) => !onTrunk.has(node));

  const side = sideOf(
    graph,
    main,
    rest.filter((node) => !reached.has(node)),
    isLayer,
  );
  const needed = neededBy(graph.flow, main);
  const branch = rest.filter((node) => reached.has(node) && !needed.has(node));
  const within = (nodes: readonly Node[], ends: ReadonlySet<Value>, isBranch: boolean): Segment[] =>
    nodes.some(isLayer) ? segmentsTowards(dataGraph(graph.flow, nodes), ends, isLayer, isBranch) : [];
  return [...within(side, readOutside(graph, side), false), ...main, ...within(branch, unread(graph, branch), hasEnd)];
}

/**
 * Nodes not reached from the trunk's sources that serve several of its segments, such as an encoder that all
 * cross-attentions read. Those that serve one segment (its key and value projections) are left for `takeIn`.
 */
function sideOf(
  graph: DataGraph,
  main: readonly Segment[],
  nodes: readonly Node[],
  isLayer: (node: Node) => boolean,
): Node[] {
  const serves = new Map<Value, Set<number>>();
  const serve = (node: Node, segments: Iterable<number>) => {
    for (const value of graph.reads(node)) {
      const set = serves.get(value) ?? new Set();
      for (const segment of segments) set.add(segment);
      serves.set(value, set);
    }
  };
  main.forEach(({ nodes: own }, i) => {
    for (const node of own) serve(node, [i]);
  });
  const shared = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    const segments = new Set(graph.makes(node).flatMap((value) => [...(serves.get(value) ?? [])]));
    if (segments.size > 1) shared.add(node);
    serve(node, segments);
  }
  const side = nodes.filter((node) => shared.has(node));
  return side.some(isLayer) ? side : [];
}

/** Everything that the segments are computed from, by way of integers too: a router may choose by an index. */
function neededBy(flow: Flow, segments: readonly Segment[]): Set<Node> {
  const needed = new Set(segments.flatMap(({ nodes }) => nodes));
  const values = new Set<Value>();
  for (const node of [...flow.graph.nodes].reverse()) {
    if (!needed.has(node) && !node.outputs.some((value) => value && values.has(value))) continue;
    needed.add(node);
    for (const value of flow.reads.get(node)!) values.add(value);
  }
  return needed;
}

/** Values made by the nodes and read by others. */
function readOutside(graph: DataGraph, nodes: readonly Node[]): Set<Value> {
  const own = new Set(nodes);
  const made = new Set(nodes.flatMap((node) => graph.makes(node)));
  const outside = graph.nodes.filter((node) => !own.has(node)).flatMap((node) => graph.reads(node));
  return new Set(outside.filter((value) => made.has(value)));
}

/** Values made by the nodes that none of them reads. */
function unread(graph: DataGraph, nodes: readonly Node[]): Set<Value> {
  const read = new Set(nodes.flatMap((node) => graph.reads(node)));
  return new Set(nodes.flatMap((node) => graph.makes(node)).filter((value) => !read.has(value)));
}

/**
 * Gives each segment the nodes beside it that it needs and that cannot be computed before the first segment: they read
 * an earlier segment, or are layers of their own. A node that several need goes to the first of them. What depends on
 * shapes alone and is read by one segment only goes to it too: it costs nothing, and less crosses the border. What depends on
 * shapes alone and is read by several stays outside where earlier segments suffice for it: it is no result of the first.
 */
function takeIn(flow: Flow, segments: readonly Segment[], isLayer: (node: Node) => boolean): Segment[] {
  const home = new Map<Node, number>();
  segments.forEach(({ nodes }, i) => {
    for (const node of nodes) home.set(node, i);
  });
  const dependent = dependentNodes(flow, (node) => home.has(node) || isLayer(node));
  const waits = waitsFor(flow, home);
  const readers = new Map<Value, Set<number>>();
  for (const node of [...flow.graph.nodes].reverse()) {
    const readBy = node.outputs.flatMap((value) => (value ? [...(readers.get(value) ?? [])] : []));
    if (!home.has(node)) {
      if (readBy.length === 0) continue;
      const first = Math.min(...readBy);
      const isShared = readBy.some((i) => i !== first);
      const isCheap = makesOnly(flow, node, 'shape');
      const isOutside = isCheap ? isShared && waits.get(node)! < first : !dependent.has(node);
      if (first !== outside && !isOutside) home.set(node, first);
    }
    const at = home.get(node) ?? outside;
    for (const value of flow.reads.get(node)!) readers.set(value, (readers.get(value) ?? new Set()).add(at));
  }
  return segments.map(({ isHead }, i) => ({
    nodes: flow.graph.nodes.filter((node) => home.get(node) === i),
    isHead,
  }));
}

/** Stands for what is computed before the first segment, or between segments. */
const outside = -1;

const makesOnly = (flow: Flow, node: Node, ...kinds: readonly FlowKind[]): boolean =>
  node.outputs.every((value) => !value || kinds.includes(flow.kinds.get(value)!));

/** For each node outside the segments that depends on shapes alone, the last segment whose values it reads. */
function waitsFor(flow: Flow, home: ReadonlyMap<Node, number>): ReadonlyMap<Node, number> {
  const waits = new Map<Node, number>();
  const known = new Map<Value | null, number>();
  for (const node of flow.graph.nodes) {
    const read = flow.reads.get(node)!.map((value) => known.get(value) ?? outside);
    const own = home.get(node);
    // data beside the segments goes to one of them later on
    const at =
      own ?? (makesOnly(flow, node, 'shape', 'constant') ? Math.max(outside, ...read) : Number.POSITIVE_INFINITY);
    if (own === undefined) waits.set(node, at);
    for (const value of node.outputs) known.set(value, at);
  }
  return waits;
}

/** Nodes for which `is` holds or that read anything made by one, unless they depend on no graph input. */
export function dependentNodes(flow: Flow, is: (node: Node) => boolean): Set<Node> {
  const values = new Set<Value>();
  const found = new Set<Node>();
  for (const node of flow.graph.nodes) {
    const varies = node.outputs.some((value) => value && flow.kinds.get(value) !== 'constant');
    if (!varies || !(is(node) || flow.reads.get(node)!.some((value) => values.has(value)))) continue;
    found.add(node);
    for (const value of node.outputs) if (value) values.add(value);
  }
  return found;
}
