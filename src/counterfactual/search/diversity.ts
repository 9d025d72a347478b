/** diversity: how different several points are, by the determinant of their likenesses, and where it grows. */

export interface Diversity {
  readonly value: number;
  /** Packed as the points. */
  readonly gradient: Float32Array;
}

/** Added to the likeness of a point to itself, as in the published code: points that are the same still have a slope. */
const ridge = 1e-4;

/**
 * Mothilal, Sharma, Tan (arXiv 1905.07697): det K with K_ij = 1 / (1 + distance of i and j), distances in l1 with weights.
 * @param points packed [rows, size]. @param weights one an element.
 */
export function diversityOf(points: Float32Array, weights: Float32Array): Diversity {
  const size = weights.length;
  const count = points.length / size;
  const likeness = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: count }, (__, j) => (i === j ? 1 : 1 / (1 + apart(points, i, j, weights)))),
  );
  const { determinant, inverse } = invert(
    likeness.map((row, i) => row.map((value, j) => value + (i === j ? ridge : 0))),
  );
  const gradient = new Float32Array(points.length);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      if (i === j) continue;
      // det K falls by det K times the inverse for each of the two entries that the distance of a pair is in
      const slope = -2 * determinant * inverse[i]![j]! * likeness[i]![j]! ** 2;
      for (let c = 0; c < size; c++)
        gradient[i * size + c]! += slope * weights[c]! * Math.sign(points[i * size + c]! - points[j * size + c]!);
    }
  return { value: determinant, gradient };
}

function apart(points: Float32Array, i: number, j: number, weights: Float32Array): number {
  const size = weights.length;
  let sum = 0;
  for (let c = 0; c < size; c++) sum += weights[c]! * Math.abs(points[i * size + c]! - points[j * size + c]!);
  return sum;
}

/** By elimination without pivots: likenesses are positive definite. */
function invert(rows: Float64Array[]): { determinant: number; inverse: Float64Array[] } {
  const count = rows.length;
  const inverse = rows.map((_, i) => Float64Array.from({ length: count }, (__, j) => Number(i === j)));
  let determinant = 1;
  for (let k = 0; k < count; k++) {
    const pivot = rows[k]![k]!;
    determinant *= pivot;
    for (let j = 0; j < count; j++) {
      rows[k]![j]! /= pivot;
      inverse[k]![j]! /= pivot;
    }
    for (let i = 0; i < count; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]!;
      for (let j = 0; j < count; j++) {
        rows[i]![j]! -= factor * rows[k]![j]!;
        inverse[i]![j]! -= factor * inverse[k]![j]!;
      }
    }
  }
  return { determinant, inverse };
}
