import { describe, expect, test } from 'vitest';
import { random } from '../../../src/tensor/random.js';
import { forestBeliefs, growForest } from '../../../src/train/baselines/forest.js';
import { growTree, samplesOf, type Tree } from '../../../src/train/baselines/tree.js';

const [rows, columns, classes] = [120, 6, 3];
const table = Float64Array.from(random(5, 'table').normals(rows * columns), (value) => Math.round(4 * value) / 4);
/** Noisy: no column alone tells the class. */
const labels = Int32Array.from({ length: rows }, (_, row) => {
  const score = table[row * columns + 1]! + table[row * columns + 4]! + random(6, 'noise').normal(row) / 2;
  return score < -0.5 ? 0 : score < 0.7 ? 1 : 2;
});
const samples = samplesOf(table, columns, labels, classes);
const everyRow = (): Int32Array => Int32Array.from({ length: rows }, (_, row) => row);
const whole = { maxDepth: 100, minLeaf: 1, featuresPerSplit: columns };

/** The samples that reach each node. */
function reached(tree: Tree): number[][] {
  const at: number[][] = Array.from(tree.feature, () => []);
  for (let row = 0; row < rows; row++) {
    let node = 0;
    at[0]!.push(row);
    while (tree.feature[node]! >= 0) {
      const goesLeft = table[row * columns + tree.feature[node]!]! <= tree.threshold[node]!;
      node = goesLeft ? tree.left[node]! : tree.right[node]!;
      at[node]!.push(row);
    }
  }
  return at;
}

const countsOf = (of: readonly number[]): number[] =>
  Array.from({ length: classes }, (_, c) => of.filter((row) => labels[row] === c).length);
/** n times Gini's impurity. */
const impurity = (of: readonly number[]): number =>
  of.length === 0 ? 0 : of.length - countsOf(of).reduce((sum, count) => sum + count ** 2, 0) / of.length;

describe('a tree', () => {
  const tree = growTree(samples, everyRow(), whole, random(1, 'tree'));
  const at = reached(tree);

  test('that sees all features splits each node where both sides are purest', () => {
    for (const [node, own] of at.entries()) {
      if (tree.feature[node]! < 0) continue;
      const after = impurity(at[tree.left[node]!]!) + impurity(at[tree.right[node]!]!);
      let best = Number.POSITIVE_INFINITY;
      for (let k = 0; k < columns; k++) {
        const valueAt = (row: number): number => table[row * columns + k]!;
        const largest = Math.max(...own.map(valueAt));
        for (const cut of new Set(own.map(valueAt))) {
          if (cut === largest) continue;
          const sides = [own.filter((row) => valueAt(row) <= cut), own.filter((row) => valueAt(row) > cut)];
          best = Math.min(best, impurity(sides[0]!) + impurity(sides[1]!));
        }
      }
      expect(after).toBeCloseTo(best, 9);
    }
  });

  test('has the shares of the classes in its leaves, and grows until they are pure', () => {
    for (const [node, own] of at.entries()) {
      if (tree.feature[node]! >= 0) continue;
      const belief = Array.from(tree.belief.subarray(node * classes, (node + 1) * classes));
      expect(belief).toEqual(countsOf(own).map((count) => count / own.length));
      expect(impurity(own)).toBe(0);
    }
  });

  test.each([
    ['maxDepth', { ...whole, maxDepth: 2 }, (leaves: number[][]) => leaves.length <= 4],
    ['minLeaf', { ...whole, minLeaf: 9 }, (leaves: number[][]) => leaves.every((leaf) => leaf.length >= 9)],
  ] as const)('keeps to %s', (_, options, holds) => {
    const limited = growTree(samples, everyRow(), options, random(1, 'tree'));
    const leaves = reached(limited).filter((_, node) => limited.feature[node]! < 0);
    expect(leaves.length).toBeGreaterThan(1);
    expect(holds(leaves)).toBe(true);
  });

  test('of equal samples with different labels is one leaf', () => {
    const equal = samplesOf(new Float64Array(8).fill(3), 2, Int32Array.of(0, 1, 1, 1), 2);
    const { feature, belief } = growTree(equal, Int32Array.of(0, 1, 2, 3), whole, random(1, 'tree'));
    expect([...feature]).toEqual([-1]);
    expect([...belief]).toEqual([0.25, 0.75]);
  });

  test('looks at further features where those drawn are all equal', () => {
    const one = Float64Array.from({ length: 20 * 10 }, (_, at) => (at % 10 === 7 ? Math.floor(at / 10) : 1));
    const halves = samplesOf(
      one,
      10,
      Int32Array.from({ length: 20 }, (_, row) => Number(row >= 10)),
      2,
    );
    const rowsOfAll = Int32Array.from({ length: 20 }, (_, row) => row);
    const { feature, threshold } = growTree(halves, rowsOfAll, { ...whole, featuresPerSplit: 1 }, random(3, 'tree'));
    expect([...feature]).toEqual([7, -1, -1]);
    expect(threshold[0]).toBe(9.5);
  });
});

describe('a forest', () => {
  const options = { trees: 40, seed: 4, maxDepth: 20, minLeaf: 1, featuresPerSplit: 2 };

  test('believes in shares, is sure of most that it grew on, and is the same for the same seed', async () => {
    const beliefs = forestBeliefs(await growForest(table, labels, classes, options), table, columns, classes);
    let right = 0;
    for (let row = 0; row < rows; row++) {
      const own = Array.from(beliefs.subarray(row * classes, (row + 1) * classes));
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      right += Number(own.indexOf(Math.max(...own)) === labels[row]);
    }
    expect(right).toBeGreaterThan(0.95 * rows);
    expect(forestBeliefs(await growForest(table, labels, classes, options), table, columns, classes)).toEqual(beliefs);
    const other = await growForest(table, labels, classes, { ...options, seed: 5 });
    expect(forestBeliefs(other, table, columns, classes)).not.toEqual(beliefs);
  });

  test('stops where it is asked to', async () => {
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(growForest(table, labels, classes, { ...options, signal: stop })).rejects.toThrow('stopped');
  });
});
