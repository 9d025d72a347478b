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
 * of a U-Net, the features of a DenseNet) are counted only up to their first readers.
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
  const last = new Map<Value, number>();
  stretch.nodes.forEach((node, i) => {
    for (const value of stretch.reads(node)) last.set(value, i);
  });
  const read = new Set(last.keys());
  for (const value of stretch.leaving) last.set(value, stretch.nodes.length);
  if (!isLayer || longestLife === Infinity) return last;

  const layersBefore = [0];
  const born = new Map<Value, number>(stretch.entering.map((value) => [value, 0]));
  stretch.nodes.forEach((node, i) => {
    layersBefore.push((layersBefore[i] as number) + (isLayer(node) ? 1 : 0));
    for (const value of stretch.makes(node)) born.set(value, i + 1);
  });
  const life = (from: number, to: number): number => (layersBefore[to] as number) - (layersBefore[from] as number);
  for (const [value, death] of last) {
    const birth = born.get(value) ?? 0;
    if (!read.has(value) || life(birth, death) <= longestLife) continue;
    last.set(
      value,
      lastBeside(stretch, value, birth, (position) => life(birth, position) <= longestLife, isLayer),
    );
  }
  return last;
}

/**
 * The last of the nodes that read `value` beside its first reader: branches of one module, none behind a layer of another,
 * as long as it `isNear`.
 */
function lastBeside(
  { nodes, reads, makes }: Stretch,
  value: Value,
  birth: number,
  isNear: (position: number) => boolean,
  isLayer: (node: Node) => boolean,
): number {
  const near = new Set([value]);
  const far = new Set<Value>();
  let last: number | undefined;
  for (let i = birth; i < nodes.length && (last === undefined || isNear(i)); i++) {
    const node = nodes[i]!;
    const read = reads(node);
    const isBehind = read.some((other) => far.has(other));
    if (!isBehind && !read.some((other) => near.has(other))) continue;
    if (read.includes(value) && (last === undefined || !isBehind)) last = i;
    for (const made of makes(node)) (isBehind || isLayer(node) ? far : near).add(made);
  }
  return last!;
}
