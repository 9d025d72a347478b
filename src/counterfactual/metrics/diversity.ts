/** diversityOf: how unlike each other the counterfactuals of one instance are. */
import type { Features } from '../ground/features.js';
import { apart, differenceOf, spanOf, waysOf } from '../several/kernel.js';

export interface Diversity {
  /** Mean distance of two: the mean over features of what they differ by, in [0, 1] of its range; a category by 1. */
  readonly apart: number;
  /** Mean share of the features in which two differ: the count diversity of DiCE. */
  readonly unlike: number;
  /** Determinant of the likenesses 1 / (1 + l1): 0 where two are the same, 1 where they are as far apart as can be. */
  readonly span: number;
}

/**
 * Mothilal, Sharma, Tan, Explaining machine learning classifiers through diverse counterfactual explanations (arXiv 1905.07697), its
 * section 3 and 4. @param points two or more, in [0, 1] an element.
 */
export function diversityOf(features: Features, points: readonly Float32Array[]): Diversity {
  const pairs = points.flatMap((a, i) => points.slice(i + 1).map((b) => waysOf(features, differenceOf(a, b))));
  const mean = (of: (way: number) => number): number =>
    pairs.reduce((sum, ways) => sum + ways.reduce((all, way) => all + of(way), 0), 0) / (pairs.length * features.count);
  return {
    apart: mean((way) => way),
    unlike: mean((way) => Number(way > 0)),
    span: spanOf(points.length, (i, j) => apart(features, differenceOf(points[i]!, points[j]!))),
  };
}
