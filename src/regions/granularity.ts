/** Granularities: how much of a network is worked on at a time. */
import type { Node } from '../ir/types.js';
import type { Layer } from '../ops/layers.js';
import type { Region, RegionKind } from './region.js';
import { findBlocks } from './repeats.js';
import type { Piece, Structure } from './structure.js';

/** The regions of a structure in an order in which they can run; each layer that data reaches lies in exactly one. */
export type Granularity = (structure: Structure) => readonly Region[];

/** Each layer alone: the node that multiplies by it, from its data value to its output. */
const matrix: Granularity = (structure) =>
  structure.pieces.flatMap((piece) =>
    piece.layers.map((layer): Region => {
      const node = firstUse(layer, piece.nodes);
      const crossing = structure.borders.of([node]);
      return { name: layer.name, kind: piece.kind, ...crossing, layers: [layer], nodes: [node] };
    }),
  );

/** Attention half, MLP half, residual block or single convolution, each with its norms, activations and residual add. */
const half: Granularity = (structure) =>
  regionsOf(
    structure,
    structure.pieces.map((piece) => [piece]),
  );

/** The unit that the network repeats: attention with its MLP; what already stands alone stays so. */
const block: Granularity = (structure) => regionsOf(structure, blocksOf(structure), 'block');

/** `count` neighbouring blocks joined; a head stays alone. */
export const blocks =
  (count: number): Granularity =>
  (structure) =>
    regionsOf(structure, joined(blocksOf(structure), count), 'blocks');

/** The whole network from its first layer to its last, without the head. */
const whole: Granularity = (structure) => regionsOf(structure, joined(blocksOf(structure), Infinity), 'whole');

export const granularities = { matrix, half, block, whole } satisfies Record<string, Granularity>;

export type GranularityName = keyof typeof granularities;

/** @param name of what is no head; absent: its kind. */
function regionsOf(structure: Structure, groups: readonly (readonly Piece[])[], name?: string): Region[] {
  const counts = new Map<string, number>();
  return groups.map((group): Region => {
    const kind = kindOfGroup(group);
    const stem = kind === 'head' ? kind : (name ?? kind);
    const count = counts.get(stem) ?? 0;
    counts.set(stem, count + 1);
    const nodes = group.flatMap((piece) => piece.nodes);
    const layers = group.flatMap((piece) => piece.layers);
    return { name: `${stem}.${count}`, kind, ...structure.borders.of(nodes), layers, nodes };
  });
}

const kindOfGroup = (group: readonly Piece[]): RegionKind =>
  group.find(({ kind }) => kind === 'attention')?.kind ?? group[0]!.kind;

/** Heads, and pieces on both sides of one, are never joined. */
function blocksOf({ pieces }: Structure): Piece[][] {
  return unbroken(pieces).flatMap((row) =>
    row[0]?.kind === 'head' ? [row] : findBlocks(row).map((block) => block.map((i) => row[i]!)),
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

function joined(groups: readonly Piece[][], count: number): Piece[][] {
  const result: Piece[][] = [];
  let room = 0;
  for (const group of groups) {
    const isHead = group[0]?.kind === 'head';
    if (isHead || room === 0) {
      result.push([...group]);
      room = isHead ? 0 : count - 1;
    } else {
      result.at(-1)!.push(...group);
      room--;
    }
  }
  return result;
}

const firstUse = (layer: Layer, nodes: readonly Node[]): Node => {
  const users = new Set(layer.uses.map(({ node }) => node));
  return nodes.find((node) => users.has(node))!;
};
