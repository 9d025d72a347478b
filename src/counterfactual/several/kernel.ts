/** kernel: how far apart counterfactuals of one instance are, and how much of the room between them they span. */
import type { Features } from '../ground/features.js';

/** By how much each feature changes: as much as that of its elements that changes most, in [0, 1] of its range. A category changes by 1. */
export function waysOf({ labels, count }: Features, difference: Float32Array): Float64Array {
  const ways = new Float64Array(count);
  for (let i = 0; i < difference.length; i++) ways[labels[i]!] = Math.max(ways[labels[i]!]!, Math.abs(difference[i]!));
  return ways;
}

/** The l1 norm of a difference over features. */
export const apart = (features: Features, difference: Float32Array): number =>
  waysOf(features, difference).reduce((sum, way) => sum + way, 0);

export const differenceOf = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]!);

/** As DiCE (arXiv 1905.07697): 1 for the same point, less the farther. */
export const likeness = (distance: number): number => 1 / (1 + distance);

/** The determinant of the likenesses of points: 1 where they are infinitely far apart, 0 where two are the same. */
export function spanOf(count: number, distance: (i: number, j: number) => number): number {
  const rows = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: count }, (__, j) => (i === j ? 1 : likeness(distance(i, j)))),
  );
  let determinant = 1;
  // elimination without pivots: the matrix is positive definite, or singular where points are the same
  for (let k = 0; k < count; k++) {
    const pivot = rows[k]![k]!;
    if (!(pivot > 1e-12)) return 0;
    determinant *= pivot;
    for (let i = k + 1; i < count; i++) {
      const factor = rows[i]![k]! / pivot;
      for (let j = k; j < count; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return determinant;
}
