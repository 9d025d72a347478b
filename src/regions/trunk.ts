/** The trunk of a network: the way from its main input to its main output, cut where it is one value wide. */
import type { Node, Value } from '../ir/types.js';
import { narrowPositions, type Stretch } from './cuts.js';
import { ancestors, type DataGraph, descendants, sourcesOf } from './walk.js';

export interface Trunk {
  /** Where it begins: embeddings that are added before the first layer are several. */
  readonly sources: readonly Value[];
  /** Nodes between neighbouring cuts, in order. */
  readonly parts: readonly (readonly Node[])[];
}

/** Skip connections over more layers than this do not hold a long part together. */
const longestSkip = 6;

/** A part with more layers than this is cut further, beside its long skip connections. */
const mostLayers = 12;

/** A trunk that reaches fewer layers than another is taken only if it has this many times its parts. */
const muchBetter = 1.25;

/**
 * The trunk from the sources that reach the most layers: attention masks, rotary tables and cached keys reach later layers
 * only and are therefore never its beginning. Other sources are taken where they make many more parts: a decoder's tokens
 * rather than an encoder's, which every block of the decoder reads. Sources that reach the same layers begin it together.
 * Undefined when no layer lies between a source and the targets.
 */
export function findTrunk(
  graph: DataGraph,
  targets: ReadonlySet<Value>,
  isLayer: (node: Node) => boolean,
): Trunk | undefined {
  const towards = ancestors(graph, targets);
  const candidates = groupsByReach(graph, towards, isLayer).map(({ sources, nodes, layers }) => {
    const parts = split(nodes, narrowPositions(stretchOf(graph, nodes, new Set(sources), targets)));
    return { sources, nodes, parts, layers, layered: parts.filter((part) => part.some(isLayer)).length };
  });
  if (candidates.length === 0) return undefined;
  const best = candidates.reduce((taken, other) =>
    other.layered > taken.layered + 1 && other.layered > muchBetter * taken.layered ? other : taken,
  );
  const { sources } = best;
  const parts = best.parts.flatMap((part) =>
    part.filter(isLayer).length > mostLayers ? cutBesideSkips(graph, best, part, targets, isLayer) : [part],
  );
  return { sources, parts };
}

interface Group {
  readonly sources: Value[];
  /** What lies between the sources and the targets. */
  readonly nodes: readonly Node[];
  readonly layers: number;
}

/** Cutting is tried from this many groups of sources, those with the most layers first. */
const mostGroups = 6;

function groupsByReach(graph: DataGraph, towards: ReadonlySet<Node>, isLayer: (node: Node) => boolean): Group[] {
  const groups = new Map<string, Group>();
  const numbers = new Map(graph.nodes.map((node, i) => [node, i]));
  for (const source of sourcesOf(graph)) {
    const reached = descendants(graph, [source]);
    const layers = [...reached].filter((node) => towards.has(node) && isLayer(node));
    if (layers.length === 0) continue;
    const key = layers.map((node) => numbers.get(node)).join();
    const group = groups.get(key) ?? { sources: [], nodes: [], layers: layers.length };
    group.sources.push(source);
    groups.set(key, group);
  }
  return [...groups.values()]
    .sort((a, b) => b.layers - a.layers)
    .slice(0, mostGroups)
    .map((group) => {
      const reached = descendants(graph, group.sources);
      return { ...group, nodes: graph.nodes.filter((node) => reached.has(node) && towards.has(node)) };
    });
}

function cutBesideSkips(
  graph: DataGraph,
  { sources, nodes: trunk }: Pick<Group, 'sources' | 'nodes'>,
  part: readonly Node[],
  targets: ReadonlySet<Value>,
  isLayer: (node: Node) => boolean,
): Node[][] {
  const within = new Set(part);
  const own = new Set(part.flatMap((node) => graph.makes(node)));
  const after = trunk.filter((node) => !within.has(node));
  const read = new Set(after.flatMap((node) => graph.reads(node)));
  const leaving = new Set([...own].filter((value) => read.has(value) || targets.has(value)));
  const made = new Set([...sources, ...trunk.flatMap((node) => graph.makes(node))]);
  const entering = part.flatMap((node) => graph.reads(node)).filter((value) => made.has(value) && !own.has(value));
  const stretch = stretchOf(graph, part, new Set(entering), leaving);
  return split(part, narrowPositions(stretch, isLayer, longestSkip));
}

/** Only values that come from the entering ones count: what comes from the side may be alive beside a cut. */
function stretchOf(
  graph: DataGraph,
  nodes: readonly Node[],
  entering: ReadonlySet<Value>,
  leaving: ReadonlySet<Value>,
): Stretch {
  const counted = new Set([...entering, ...nodes.flatMap((node) => graph.makes(node))]);
  const sums = sumsOf(nodes);
  const counts = (values: Iterable<Value>): Value[] => [
    ...new Set([...values].filter((value) => counted.has(value)).map((value) => sums.get(value) ?? value)),
  ];
  return {
    nodes,
    entering: counts(entering),
    leaving: new Set(counts(leaving)),
    reads: (node) => counts(graph.reads(node)),
    makes: (node) => counts(graph.makes(node)),
  };
}

/** Ops that add and then normalise, with the place of the sum among their outputs. */
export const sumPlaces: Readonly<Record<string, number>> = {
  SkipLayerNormalization: 3,
  SkipSimplifiedLayerNormalization: 3,
  SkipGroupNorm: 1,
};

/** From what is normalised to the sum that it is computed from: where both go on, one alone says all. */
function sumsOf(nodes: readonly Node[]): Map<Value, Value> {
  return new Map(
    nodes.flatMap(({ op, outputs }) => {
      const sum = outputs[sumPlaces[op] ?? -1];
      return sum && outputs[0] ? [[outputs[0], sum] as const] : [];
    }),
  );
}

function split(nodes: readonly Node[], positions: readonly number[]): Node[][] {
  const starts = [0, ...positions.filter((position) => position > 0)];
  return starts.slice(0, -1).map((start, i) => nodes.slice(start, starts[i + 1]));
}
