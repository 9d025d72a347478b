/**
 * Random forests: trees that each see another draw of the samples and of the features. Written here, as no package does: ml-random-forest
 * 2.1.0 takes 10 s for 30 trees on 500 rows, draws features once a tree and counts votes; decision-tree 1.0.0 splits by equal values.
 */
import { heed } from '../../heed.js';
import { random } from '../../tensor/random.js';
import { growTree, samplesOf, type Tree, type TreeOptions } from './tree.js';

export interface ForestOptions extends TreeOptions {
  readonly trees: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Breiman, Random forests (Machine Learning 2001): each tree is grown on as many samples as there are, drawn with replacement.
 * @param table [labels, columns]
 */
export async function growForest(
  table: Float64Array,
  labels: Int32Array,
  classes: number,
  options: ForestOptions,
): Promise<Tree[]> {
  const samples = samplesOf(table, table.length / labels.length, labels, classes);
  const trees: Tree[] = [];
  for (let k = 0; k < options.trees; k++) {
    if (k % 16 === 0) await heed(options.signal);
    const draw = random(options.seed, `random forest/samples/${k}`);
    const rows = Int32Array.from(labels, (_, i) => draw.integer(i, labels.length));
    trees.push(growTree(samples, rows, options, random(options.seed, `random forest/features/${k}`)));
  }
  return trees;
}

/** [rows, classes]: the mean of the trees' beliefs. @param table [rows, columns] */
export function forestBeliefs(
  trees: readonly Tree[],
  table: Float64Array,
  columns: number,
  classes: number,
): Float64Array {
  const rows = table.length / columns;
  const beliefs = new Float64Array(rows * classes);
  for (const { feature, threshold, left, right, belief } of trees) {
    for (let row = 0; row < rows; row++) {
      let node = 0;
      while (feature[node]! >= 0) {
        node = table[row * columns + feature[node]!]! <= threshold[node]! ? left[node]! : right[node]!;
      }
      for (let c = 0; c < classes; c++) beliefs[row * classes + c]! += belief[node * classes + c]!;
    }
  }
  return beliefs.map((sum) => sum / trees.length);
}
