/** schedule: what to run, in which order, so that chosen regions see their inputs. */
import { feeds } from '../ir/graph.js';
import type { Node, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Region } from './region.js';
import { dependentNodes } from './segments.js';
import type { Structure } from './structure.js';

export interface Schedule {
  /** From the graph inputs to everything that the regions read and do not make; graph inputs themselves are not among it. */
  readonly prelude: { readonly inputs: readonly Value[]; readonly outputs: readonly Value[] };
  /**
   * In order. Each reads graph inputs, outputs of the prelude and outputs of earlier regions. Some have no chosen layer:
   * they lie between, or are glue. Regions behind the last chosen layer are left out.
   */
  readonly regions: readonly Region[];
  /** For each value that a region reads, the position of the last region that does: it may be dropped after that. */
  readonly lastUse: ReadonlyMap<Value, number>;
}

/**
 * Orders `regions` of one granularity so that every chosen layer's region can run. Each chosen layer lies in exactly one
 * of them. Running the prelude and then the regions with `extract` gives the values of the whole graph.
 */
export function schedule(structure: Structure, regions: readonly Region[], layers: Iterable<Layer>): Schedule {
  const kept = neededRegions(regions, new Set(layers));
  const connected = withGlue(structure, kept);
  const made = new Set(connected.flatMap(({ outputs }) => outputs));
  const given = new Set(feeds(structure.graph));
  const crossing = [...new Set(connected.flatMap(({ inputs }) => inputs))];
  const outputs = crossing.filter((value) => !made.has(value) && !given.has(value));

  const lastUse = new Map<Value, number>();
  connected.forEach(({ inputs }, i) => {
    for (const value of inputs) lastUse.set(value, i);
  });
  return { prelude: { inputs: feedsOf(structure, outputs), outputs }, regions: connected, lastUse };
}

/** Everything up to the last region with a chosen layer. */
function neededRegions(regions: readonly Region[], layers: ReadonlySet<Layer>): Region[] {
  const isChosen = (region: Region): boolean => region.layers.some((layer) => layers.has(layer));
  return regions.slice(0, regions.findLastIndex(isChosen) + 1);
}

/** Puts regions without layers before those that read what no region and no prelude makes. */
function withGlue(structure: Structure, regions: readonly Region[]): Region[] {
  const { flow, borders } = structure;
  const home = new Map<Node, number>();
  regions.forEach(({ nodes }, i) => {
    for (const node of nodes) if (!home.has(node)) home.set(node, i);
  });
  const dependent = dependentNodes(flow, (node) => home.has(node));
  const wanted = new Map<Value, number>();
  const glue = new Map<number, Node[]>();
  for (const node of [...flow.graph.nodes].reverse()) {
    let at = home.get(node);
    if (at === undefined) {
      const needs = node.outputs.flatMap((value) => (value && wanted.has(value) ? [wanted.get(value)!] : []));
      if (needs.length === 0) continue;
      at = Math.min(...needs);
      if (dependent.has(node)) glue.set(at, [node, ...(glue.get(at) ?? [])]);
    }
    for (const value of flow.reads.get(node)!) wanted.set(value, Math.min(at, wanted.get(value) ?? at));
  }
  let count = 0;
  return regions.flatMap((region, i): Region[] => {
    const nodes = glue.get(i);
    return nodes
      ? [{ name: `glue.${count++}`, kind: 'glue', ...borders.of(nodes), layers: [], nodes }, region]
      : [region];
  });
}

/** The graph inputs that values are computed from. */
function feedsOf({ graph, flow }: Structure, values: readonly Value[]): Value[] {
  const wanted = new Set(values);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((value) => value && wanted.has(value))) continue;
    for (const value of flow.reads.get(node)!) wanted.add(value);
  }
  return feeds(graph).filter((value) => wanted.has(value));
}
