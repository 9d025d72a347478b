/** One classification tree of a forest, grown until its leaves are of one class or may not be split. */
import type { Random } from '../../tensor/random.js';

/** Nodes by number, the root first. */
export interface Tree {
  /** The feature that a node asks for; -1 for a leaf. */
  readonly feature: Int32Array;
  /** Values up to it go to the left. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** [nodes, classes]: shares of the classes among a leaf's samples. */
  readonly belief: Float64Array;
}

export interface TreeOptions {
  readonly maxDepth: number;
  /** Fewest samples on each side of a split. */
  readonly minLeaf: number;
  /** Features looked at for a split; more, where none of them differs. */
  readonly featuresPerSplit: number;
}

/** Samples as a tree is grown on them. */
export interface Samples {
  readonly count: number;
  readonly columns: number;
  readonly classes: number;
  readonly labels: Int32Array;
  /** [columns, count]: the place of each value among the different ones of its column. */
  readonly ranks: Int32Array;
  /** Of each column, ascending. */
  readonly levels: readonly Float64Array[];
}

/** @param table [count, columns] */
export function samplesOf(table: Float64Array, columns: number, labels: Int32Array, classes: number): Samples {
  const count = labels.length;
  const ranks = new Int32Array(columns * count);
  const levels = Array.from({ length: columns }, (_, column) => {
    const own = Float64Array.from({ length: count }, (_, row) => table[row * columns + column]!);
    const level = Float64Array.from(new Set(own.slice().sort()));
    const place = new Map(Array.from(level, (value, rank) => [value, rank]));
    own.forEach((value, row) => {
      ranks[column * count + row] = place.get(value)!;
    });
    return level;
  });
  return { count, columns, classes, labels, ranks, levels };
}

/** Breiman, Friedman, Olshen, Stone, Classification and regression trees (1984), with Gini's impurity; `rows` may name a sample again. */
export function growTree(samples: Samples, rows: Int32Array, options: TreeOptions, random: Random): Tree {
  const { classes, labels } = samples;
  const most = 2 * rows.length;
  const [feature, left, right] = [new Int32Array(most).fill(-1), new Int32Array(most), new Int32Array(most)];
  const [threshold, belief] = [new Float64Array(most), new Float64Array(most * classes)];
  const search = splitSearch(samples, options, random);
  let nodes = 1;
  const open = [{ node: 0, from: 0, to: rows.length, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, from, to, depth } = next;
    const own = belief.subarray(node * classes, (node + 1) * classes);
    for (let i = from; i < to; i++) own[labels[rows[i]!]!]! += 1;
    const isPure = own.some((share) => share === to - from);
    const split = isPure || depth >= options.maxDepth ? undefined : search(rows.subarray(from, to), own);
    if (!split) {
      for (let c = 0; c < classes; c++) own[c]! /= to - from;
      continue;
    }
    feature[node] = split.column;
    threshold[node] = split.threshold;
    left[node] = nodes++;
    right[node] = nodes++;
    const middle = from + split.leftCount;
    open.push({ node: right[node]!, from: middle, to, depth: depth + 1 });
    open.push({ node: left[node]!, from, to: middle, depth: depth + 1 });
  }
  return {
    feature: feature.slice(0, nodes),
    threshold: threshold.slice(0, nodes),
    left: left.slice(0, nodes),
    right: right.slice(0, nodes),
    belief: belief.slice(0, nodes * classes),
  };
}

interface Split {
  readonly column: number;
  readonly threshold: number;
  readonly leftCount: number;
}

/** Finds the best split of the samples of a node, and brings those of the left side to its front. */
function splitSearch(samples: Samples, { featuresPerSplit, minLeaf }: TreeOptions, random: Random) {
  const { count, columns, classes, labels, ranks, levels } = samples;
  const order = Int32Array.from({ length: columns }, (_, column) => column);
  const room = new Float64Array(count);
  const [low, high] = [new Float64Array(classes), new Float64Array(classes)];
  let draws = 0;

  return (rows: Int32Array, totals: Float64Array): Split | undefined => {
    const n = rows.length;
    const keys = room.subarray(0, n);
    let [best, bestColumn, bestRank, bestCount] = [0, -1, 0, 0];
    for (let k = 0; k < columns && (k < featuresPerSplit || bestColumn < 0); k++) {
      const swapped = k + random.integer(draws++, columns - k);
      const column = order[swapped]!;
      order[swapped] = order[k]!;
      order[k] = column;
      // rank and sample in one number, for the sort of numbers without a function is many times as fast
      for (let i = 0; i < n; i++) keys[i] = ranks[column * count + rows[i]!]! * count + rows[i]!;
      keys.sort();
      if (Math.floor(keys[0]! / count) === Math.floor(keys[n - 1]! / count)) continue;
      // the purest halves have the largest sum of squared counts over their size
      low.fill(0);
      high.set(totals);
      let [lowSquares, highSquares] = [0, 0];
      for (let c = 0; c < classes; c++) highSquares += high[c]! * high[c]!;
      let rank = Math.floor(keys[0]! / count);
      for (let i = 1; i < n; i++) {
        const c = labels[keys[i - 1]! - rank * count]!;
        lowSquares += 2 * low[c]! + 1;
        highSquares -= 2 * high[c]! - 1;
        low[c]! += 1;
        high[c]! -= 1;
        const next = Math.floor(keys[i]! / count);
        if (next === rank) continue;
        const purity = lowSquares / i + highSquares / (n - i);
        if (purity > best && i >= minLeaf && n - i >= minLeaf) {
          [best, bestColumn, bestRank, bestCount] = [purity, column, rank, i];
        }
        rank = next;
      }
    }
    if (bestColumn < 0) return undefined;
    return { column: bestColumn, leftCount: bestCount, threshold: splitRows(rows, bestColumn, bestRank, keys) };
  };

  /** Brings what has up to `rank` to the front. @returns the middle of the values on both sides. */
  function splitRows(rows: Int32Array, column: number, rank: number, room: Float64Array): number {
    let [front, back, above] = [0, 0, Number.POSITIVE_INFINITY];
    for (const row of rows) {
      const own = ranks[column * count + row]!;
      if (own <= rank) rows[front++] = row;
      else {
        room[back++] = row;
        above = Math.min(above, own);
      }
    }
    for (let i = 0; i < back; i++) rows[front + i] = room[i]!;
    const [lower, upper] = [levels[column]![rank]!, levels[column]![above]!];
    const middle = lower + (upper - lower) / 2;
    return middle < upper ? middle : lower;
  }
}
