/** Where a part of a graph is one value wide: the joints between regions. */
import type { Node, Value } from '../ir/types.js';

/** A stretch of a graph in topological order, with what enters it, what it reads and what it makes. */
export interface Stretch {
  readonly nodes: readonly Node[];
  /** Values that exist before the first node. */
  readonly entering: readonly Value[];
  readonly reads: (node: Node) => readonly Value[];
  readonly makes: (node: Node) => readonly Value[];
  /** Values still wanted after the last node. */
  readonly leaving: ReadonlySet<Value>;
}

/**
 * Positions `i` such that between nodes `i - 1` and `i` exactly one value is alive (made, and still to be read), so that
 * every path runs through it; the end of the stretch is always one. In any topological order these are the same values:
 * a node on a path lies before or after such a value, never beside it.
 *
 * @param longestLife values that would live longer than this over the nodes counted by `isLayer` (the skip connections
 * of a U-Net, the features of a DenseNet) are counted only up to their first reader.
 */
export function narrowPositions(stretch: Stretch, isLayer?: (node: Node) => boolean, longestLife?: number): number[] {
  const dies = deaths(stretch, isLayer, longestLife);
  const dying = new Map<number, number>();
  for (const position of dies.values()) dying.set(position, (dying.get(position) ?? 0) + 1);

  let alive = stretch.entering.filter((value) => dies.has(value)).length;
  const narrow = alive === 1 ? [0] : [];
  stretch.nodes.forEach((node, i) => {
    alive -= dying.get(i) ?? 0;
    alive += stretch.makes(node).filter((value) => dies.has(value)).length;
    if (alive === 1 || i === stretch.nodes.length - 1) narrow.push(i + 1);
  });
  return narrow;
}

/** The position of the last reader of each value that is read in the stretch or leaves it. */
function deaths(stretch: Stretch, isLayer?: (node: Node) => boolean, longestLife = Infinity): Map<Value, number> {
  const first = new Map<Value, number>();
  const last = new Map<Value, number>();
  const layersBefore = [0];
  stretch.nodes.forEach((node, i) => {
    layersBefore.push((layersBefore[i] as number) + (isLayer?.(node) ? 1 : 0));
    for (const value of stretch.reads(node)) {
      if (!first.has(value)) first.set(value, i);
      last.set(value, i);
    }
  });
  for (const value of stretch.leaving) last.set(value, stretch.nodes.length);

  if (longestLife < Infinity) {
    const born = new Map<Value, number>(stretch.entering.map((value) => [value, 0]));
    stretch.nodes.forEach((node, i) => {
      for (const value of stretch.makes(node)) born.set(value, i + 1);
    });
    for (const [value, death] of last) {
      const life = (layersBefore[death] as number) - (layersBefore[born.get(value) ?? 0] as number);
      const firstRead = first.get(value);
      if (life > longestLife && firstRead !== undefined) last.set(value, firstRead);
    }
  }
  return last;
}
