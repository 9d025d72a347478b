/** Area under the ROC curve, each class against the rest. */

export interface Auc {
  /** Mean over the classes that have samples and are not all of them. */
  readonly macro: number;
  /** The same, weighted by the number of samples of each class. */
  readonly weighted: number;
  /** Of each class; undefined where it has no samples, or there are no others. */
  readonly perClass: readonly (number | undefined)[];
}

/**
 * Hand and Till's one-against-rest area: the probability that a sample of the class scores higher than one of another, equal scores counting
 * half (Mann-Whitney). As scikit-learn's `roc_auc_score(multi_class='ovr')`, except that classes without samples are left out.
 * @param scores [samples, classes], higher for more likely. @returns undefined when no class has an area.
 */
export function oneVersusRestAuc(scores: Float32Array, labels: ArrayLike<number>, classes: number): Auc | undefined {
  const samples = labels.length;
  const column = new Float32Array(samples);
  const perClass: (number | undefined)[] = [];
  let [sum, count, weightedSum, weights] = [0, 0, 0, 0];
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < samples; i++) column[i] = scores[i * classes + c]!;
    const own = column.filter((_, i) => labels[i] === c);
    const area = areaOf(own, column.sort());
    perClass.push(area);
    if (area === undefined) continue;
    sum += area;
    count++;
    weightedSum += area * own.length;
    weights += own.length;
  }
  return count === 0 ? undefined : { macro: sum / count, weighted: weightedSum / weights, perClass };
}

/** @param all of both sides, ascending. */
function areaOf(own: Float32Array, all: Float32Array): number | undefined {
  const others = all.length - own.length;
  if (own.length === 0 || others === 0) return undefined;
  let ranks = 0;
  // equal scores have the mean of the ranks that they take up, counted from 1
  for (const score of own) ranks += (placeOf(all, score, false) + placeOf(all, score, true) + 1) / 2;
  return (ranks - (own.length * (own.length + 1)) / 2) / (own.length * others);
}

/** How many are below, or with `orEqual` not above. */
function placeOf(sorted: Float32Array, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
