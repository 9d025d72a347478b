/** Areas under ROC curves of several classes: each class against the rest, and each against each other one. */

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
  const perClass: (number | undefined)[] = [];
  let [sum, count, weightedSum, weights] = [0, 0, 0, 0];
  for (const { sizes, wins } of rankedBy(scores, labels, classes)) {
    const own = sizes[perClass.length]!;
    const others = samples - own;
    const area = own === 0 || others === 0 ? undefined : total(wins) / (own * others);
    perClass.push(area);
    if (area === undefined) continue;
    sum += area;
    count++;
    weightedSum += area * own;
    weights += own;
  }
  return count === 0 ? undefined : { macro: sum / count, weighted: weightedSum / weights, perClass };
}

/**
 * Hand and Till, A Simple Generalisation of the Area Under the ROC Curve for Multiple Class Classification Problems (Machine Learning 45, 2001):
 * of each pair of classes alone, the area by the score of the one and that by the score of the other; the mean over all pairs. As
 * scikit-learn's `roc_auc_score(average='macro', multi_class='ovo')`, except that classes without samples are left out.
 * @param scores as for `oneVersusRestAuc`. @returns undefined when fewer than two classes have samples.
 */
export function oneVersusOneAuc(scores: Float32Array, labels: ArrayLike<number>, classes: number): number | undefined {
  let [sum, pairs, c] = [0, 0, 0];
  for (const { sizes, wins } of rankedBy(scores, labels, classes)) {
    const own = sizes[c]!;
    for (let other = 0; other < classes; other++) {
      if (other === c || own * sizes[other]! === 0) continue;
      sum += wins[other]! / (own * sizes[other]!);
      pairs++;
    }
    c++;
  }
  return pairs === 0 ? undefined : sum / pairs;
}

interface Ranked {
  /** Samples of each class. */
  readonly sizes: Float64Array;
  /** By other class: of how many pairs of samples the one of the class scores higher, equal ones counting half. Overwritten by the next. */
  readonly wins: Float64Array;
}

/** Class by class, by the scores for it. */
function* rankedBy(scores: Float32Array, labels: ArrayLike<number>, classes: number): Generator<Ranked> {
  const sizes = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) sizes[labels[i]!]!++;
  const wins = new Float64Array(classes);
  for (let c = 0; c < classes; c++) {
    wins.fill(0);
    const own = new Float32Array(sizes[c]!);
    for (let i = 0, at = 0; i < labels.length; i++) if (labels[i] === c) own[at++] = scores[i * classes + c]!;
    own.sort();
    for (let i = 0; i < labels.length && own.length > 0; i++) {
      if (labels[i] === c) continue;
      const score = scores[i * classes + c]!;
      wins[labels[i]!]! += own.length - (placeOf(own, score, false) + placeOf(own, score, true)) / 2;
    }
    yield { sizes, wins };
  }
}

const total = (numbers: Float64Array): number => numbers.reduce((sum, each) => sum + each, 0);

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
