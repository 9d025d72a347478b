/** Regions of a labelled grid made connected and none too small. */
import { components, forNeighbours, type Grid } from './components.js';

/**
 * Labels 0 to m - 1 in the order of first pixels: each is one 4-connected component of at least `least` pixels, or the whole grid.
 * The smallest are merged first, into the neighbour with the longest common border, of equals the first.
 */
export function mergeSmall(labels: Int32Array, grid: Grid, least: number): Int32Array {
  let current = Int32Array.from(labels, (label) => label + 1);
  // a pass merges each that is small, or what it was merged into, at least once
  for (;;) {
    const found = components(current, grid);
    const merged = mergeOnce(found.labels, found.count, grid, least);
    if (!merged) return found.labels.map((label) => label - 1);
    current = merged;
  }
}

/** One pass over the small components, or null if there are none to merge. */
function mergeOnce(labels: Int32Array, count: number, grid: Grid, least: number): Int32Array<ArrayBuffer> | null {
  const sizes = new Int32Array(count + 1);
  for (const label of labels) sizes[label]!++;
  const small = Array.from(sizes.keys())
    .filter((label) => label > 0 && (sizes[label] as number) < least)
    .sort((a, b) => (sizes[a] as number) - (sizes[b] as number) || a - b);
  if (small.length === 0 || count === 1) return null;

  const borders = bordersOf(labels, grid, new Set(small));
  const into = Int32Array.from(sizes.keys());
  const root = (label: number): number => {
    let at = label;
    while (into[at] !== at) at = into[at] as number;
    return at;
  };
  for (const label of small) {
    const own = root(label);
    if ((sizes[own] as number) >= least) continue;
    const shared = new Map<number, number>();
    for (const [neighbour, length] of borders.get(label) ?? []) {
      const other = root(neighbour);
      if (other !== own) shared.set(other, (shared.get(other) ?? 0) + length);
    }
    const [longest] = [...shared].sort(([a, p], [b, q]) => q - p || a - b);
    if (!longest) continue;
    into[own] = longest[0];
    sizes[longest[0]]! += sizes[own] as number;
  }
  return Int32Array.from(labels, root);
}

/** For each of `wanted` the lengths of its borders, by neighbour. */
function bordersOf(labels: Int32Array, grid: Grid, wanted: Set<number>): Map<number, Map<number, number>> {
  const borders = new Map<number, Map<number, number>>();
  labels.forEach((label, pixel) => {
    if (!wanted.has(label)) return;
    const own = borders.get(label) ?? new Map<number, number>();
    borders.set(label, own);
    forNeighbours(pixel, grid, 4, (next) => {
      const other = labels[next] as number;
      if (other !== label) own.set(other, (own.get(other) ?? 0) + 1);
    });
  });
  return borders;
}
