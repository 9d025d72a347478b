/** One region from the values between which it lies. */
import { UserError } from '../errors.js';
import { producers } from '../ir/graph.js';
import type { Node, Value } from '../ir/types.js';
import { nearest } from '../nearest.js';
import type { Layer } from '../ops/layers.js';
import { kindOf } from './kinds.js';
import type { Region } from './region.js';
import type { DescribedRegion } from './region-file.js';
import { dependentNodes } from './segments.js';
import type { Structure } from './structure.js';

/**
 * The nodes on the ways from `from` to `to`. What they read besides becomes an input of itself where no layer is needed to
 * compute it, and what others read of them becomes an output.
 * @param file where the region is described, for messages; @param taken layers of earlier regions.
 * @throws UserError when no such region lies in the graph.
 */
export function regionBetween(
  structure: Structure,
  described: DescribedRegion,
  file: string,
  taken: ReadonlySet<string>,
): Region {
  const { name } = described;
  const where = `${file} region '${name}'`;
  const from = described.from.map((value) => valueNamed(structure, value, where));
  const to = described.to.map((value) => valueNamed(structure, value, where));
  const nodes = nodesBetween(structure, from, to, where);
  const inputs = [...from, ...besides(structure, nodes, from, where)];
  const outputs = [...new Set([...to, ...structure.borders.usedOutside(nodes)])];
  const layers = layersOf(structure, nodes, described.layers, where, taken);
  const users = new Set(structure.layers.flatMap(({ uses }) => uses.map(({ node }) => node)));
  const kind = described.kind ?? kindOf(structure.flow, nodes, (node) => users.has(node));
  return { name, kind, inputs, outputs, layers, nodes };
}

function valueNamed({ flow }: Structure, name: string, where: string): Value {
  const values = [...flow.kinds.keys()];
  const value = values.find((candidate) => candidate.name === name);
  if (!value) {
    const meant = nearest(
      name,
      values.map((candidate) => candidate.name),
    );
    throw new UserError(
      where,
      `expected values of the graph, got '${name}'; ${meant ? `did you mean '${meant}'?` : 'see `scalpel inspect --regions`'}`,
    );
  }
  if (flow.kinds.get(value) === 'constant')
    throw new UserError(
      where,
      `expected values that depend on the graph inputs, got the constant '${name}'; leave it out`,
    );
  return value;
}

function nodesBetween(structure: Structure, from: readonly Value[], to: readonly Value[], where: string): Node[] {
  const { flow, graph } = structure;
  const made = producers(graph);
  const given = new Set(from);
  const wanted = new Set<Node>();
  const pending: Value[] = [...to];
  for (let value = pending.pop(); value; value = pending.pop()) {
    const node = made.get(value);
    if (given.has(value) || !node || wanted.has(node)) continue;
    wanted.add(node);
    pending.push(...flow.reads.get(node)!);
  }
  const reached = new Set<Value>(from);
  const nodes = graph.nodes.filter((node) => {
    const isBetween = wanted.has(node) && flow.reads.get(node)!.some((value) => reached.has(value));
    if (isBetween) for (const value of node.outputs) if (value) reached.add(value);
    return isBetween;
  });
  const own = new Set(nodes);
  for (const value of to) {
    if (own.has(made.get(value)!)) continue;
    throw new UserError(
      where,
      given.has(value)
        ? `expected '${value.name}' on one side, got it in from and to; leave one out`
        : `expected outputs that are computed from its inputs, got '${value.name}', which is not; correct from or to`,
    );
  }
  const read = new Set(nodes.flatMap((node) => flow.reads.get(node)!));
  const idle = from.find((value) => !read.has(value));
  if (idle)
    throw new UserError(
      where,
      `expected inputs that lead to its outputs, got '${idle.name}', which does not; leave it out of from`,
    );
  return nodes;
}

/** What the nodes read and nobody listed. @throws UserError where that comes from a layer: a listed input is missing. */
function besides(structure: Structure, nodes: readonly Node[], from: readonly Value[], where: string): Value[] {
  const { flow } = structure;
  const own = new Set([...from, ...nodes.flatMap((node) => node.outputs)]);
  const read = new Set(nodes.flatMap((node) => flow.reads.get(node)!));
  const others = [...read].filter((value) => !own.has(value) && flow.kinds.get(value) !== 'constant');
  const users = new Set(structure.layers.flatMap(({ uses }) => uses.map(({ node }) => node)));
  const behindLayers = new Set([...dependentNodes(flow, (node) => users.has(node))].flatMap((node) => node.outputs));
  const missing = others.filter((value) => behindLayers.has(value)).map((value) => `'${value.name}'`);
  if (missing.length > 0)
    throw new UserError(
      where,
      `outputs also depend on ${missing.join(', ')}; add ${missing.length > 1 ? 'them' : 'it'} to from`,
    );
  return others;
}

function layersOf(
  structure: Structure,
  nodes: readonly Node[],
  listed: readonly string[] | undefined,
  where: string,
  taken: ReadonlySet<string>,
): Layer[] {
  const positions = new Map(nodes.map((node, i) => [node, i]));
  const first = ({ uses }: Layer): number => Math.min(...uses.map(({ node }) => positions.get(node) ?? Infinity));
  const inside = structure.layers.filter((layer) => first(layer) < Infinity).sort((a, b) => first(a) - first(b));
  if (!listed) return inside.filter(({ name }) => !taken.has(name));
  const strange = listed.find((name) => !inside.some((layer) => layer.name === name));
  if (strange !== undefined)
    throw new UserError(
      where,
      `expected layers between its inputs and outputs, got '${strange}'; there are ${inside.map(({ name }) => `'${name}'`).join(', ') || 'none'}`,
    );
  return listed.map((name) => inside.find((layer) => layer.name === name)!);
}
