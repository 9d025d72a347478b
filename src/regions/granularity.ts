/** Granularities: how much of a network is worked on at a time. */
import type { Node, Value } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Region } from './region.js';
import { findBlocks } from './repeats.js';
import { dependentNodes } from './segments.js';
import { joinStages } from './stages.js';
import type { Piece, Structure } from './structure.js';

/** The regions of a structure in an order in which they can run; each layer that data reaches lies in exactly one. */
export type Granularity = (structure: Structure) => readonly Region[];

/** Each node that multiplies by a layer alone, from its data value to its output; a recurrent one holds two layers. */
const matrix: Granularity = (structure) =>
  structure.pieces.flatMap((piece) => {
    const users = new Map(piece.layers.map((layer) => [layer, firstUse(layer, piece.nodes)]));
    return [...new Set(users.values())].map((node): Region => {
      const layers = piece.layers.filter((layer) => users.get(layer) === node);
      const crossing = structure.borders.of([node]);
      return { name: layers[0]!.name, kind: piece.kind, ...crossing, layers, nodes: [node] };
    });
  });

/** Attention half, MLP half, residual block or single convolution, each with its norms, activations and residual add. */
const half: Granularity = (structure) =>
  regionsOf(
    structure,
    structure.pieces.map((piece) => [[piece]]),
  );

/** The unit that the network repeats: attention with its MLP; what already stands alone stays so. */
const block: Granularity = (structure) =>
  regionsOf(
    structure,
    blocksOf(structure).map((group) => [group]),
    'block',
  );

/** `count` neighbouring blocks joined; a head stays alone. */
export const blocks =
  (count: number): Granularity =>
  (structure) =>
    regionsOf(structure, joined(blocksOf(structure), count), 'blocks');

/** The whole network from its first layer to its last, without the head. */
const whole: Granularity = (structure) => regionsOf(structure, joined(blocksOf(structure), Infinity), 'whole');

export const granularities = { matrix, half, block, whole } satisfies Record<string, Granularity>;

export type GranularityName = keyof typeof granularities;

type Block = readonly Piece[];

/** @param name of what is no head; absent: its kind. */
function regionsOf(structure: Structure, groups: readonly (readonly Block[])[], name?: string): Region[] {
  const counts = new Map<string, number>();
  return groups.map((blocks): Region => {
    const group = blocks.flat();
    const kind = blocks.length > 1 ? 'blocks' : group.length > 1 ? 'block' : group[0]!.kind;
    const stem = kind === 'head' ? kind : (name ?? kind);
    const count = counts.get(stem) ?? 0;
    counts.set(stem, count + 1);
    const nodes = joinedNodes(structure, group);
    const layers = group.flatMap((piece) => piece.layers);
    return { name: `${stem}.${count}`, kind, ...structure.borders.of(nodes), layers, nodes };
  });
}

/** The nodes of pieces in the order of the graph, with those that lie between them. */
function joinedNodes({ graph, flow }: Structure, pieces: readonly Piece[]): readonly Node[] {
  if (pieces.length === 1) return pieces[0]!.nodes;
  const own = new Set(pieces.flatMap(({ nodes }) => nodes));
  const behind = dependentNodes(flow, (node) => own.has(node));
  const wanted = new Set<Value>();
  const joined = [...graph.nodes].reverse().filter((node) => {
    const isBetween = behind.has(node) && node.outputs.some((value) => value && wanted.has(value));
    if (!own.has(node) && !isBetween) return false;
    for (const value of flow.reads.get(node)!) wanted.add(value);
    return true;
  });
  return joined.reverse();
}

/** Heads, and pieces on both sides of one, are never joined. */
function blocksOf({ pieces, flow }: Structure): Block[] {
  return unbroken(pieces).flatMap((row) =>
    row[0]?.kind === 'head'
      ? [row]
      : joinStages(
          flow,
          findBlocks(row).map((block) => block.map((i) => row[i]!)),
        ),
  );
}

function unbroken(pieces: readonly Piece[]): Piece[][] {
  const rows: Piece[][] = [];
  pieces.forEach((piece, i) => {
    if (i === 0 || piece.kind === 'head' || pieces[i - 1]?.kind === 'head') rows.push([piece]);
    else rows.at(-1)!.push(piece);
  });
  return rows;
}

function joined(groups: readonly Block[], count: number): Block[][] {
  const result: Block[][] = [];
  let room = 0;
  for (const group of groups) {
    const isHead = group[0]?.kind === 'head';
    if (isHead || room === 0) {
      result.push([group]);
      room = isHead ? 0 : count - 1;
    } else {
      result.at(-1)!.push(group);
      room--;
    }
  }
  return result;
}

const firstUse = (layer: Layer, nodes: readonly Node[]): Node => {
  const users = new Set(layer.uses.map(({ node }) => node));
  return nodes.find((node) => users.has(node))!;
};
