/** Sets of points, row-major [rows, dimensions], and what is checked of them. */
import { UserError } from '../errors.js';
import type { FloatArray } from '../linalg/index.js';

/**
 * The rows of `points`, each of `dimensions` numbers.
 * @param where whom an error is about.
 * @throws UserError for what is no such set, has fewer than `least` rows, or a number that is not finite.
 */
export function rowsOf(where: string, points: FloatArray, dimensions: number, least = 1): number {
  checkWhole(where, 'dimensions', dimensions);
  const rows = points.length / dimensions;
  if (!Number.isInteger(rows)) {
    throw new UserError(where, `expected rows of ${dimensions} numbers, got ${points.length} numbers; pass whole rows`);
  }
  if (rows < least) {
    throw new UserError(
      where,
      `expected at least ${least} ${least === 1 ? 'point' : 'points'}, got ${rows}; pass more`,
    );
  }
  const at = points.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return rows;
  const place = `row ${Math.floor(at / dimensions)}, feature ${at % dimensions}`;
  throw new UserError(where, `expected finite numbers, got ${points[at]} in ${place}; drop the row or fill the gap`);
}

/** @throws UserError for a number that is not an integer of `least` or more. */
export function checkWhole(where: string, what: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new UserError(where, `expected an integer of ${least} or more for ${what}, got ${value}`);
}

/** @throws UserError for a number that is not finite or not above 0. */
export function checkPositive(where: string, what: string, value: number): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new UserError(where, `expected a number above 0 for ${what}, got ${value}`);
}

/** The squared Euclidean distance of row `i` of `a` to row `j` of `b`. */
export function squaredDistance(a: FloatArray, i: number, b: FloatArray, j: number, dimensions: number): number {
  let sum = 0;
  for (let k = 0, p = i * dimensions, q = j * dimensions; k < dimensions; k++, p++, q++) {
    const difference = (a[p] as number) - (b[q] as number);
    sum += difference * difference;
  }
  return sum;
}

/** The rows with these indices, as a new array. */
export function rowsAt(points: FloatArray, dimensions: number, indices: ArrayLike<number>): Float64Array {
  const result = new Float64Array(indices.length * dimensions);
  for (let i = 0; i < indices.length; i++) {
    const from = (indices[i] as number) * dimensions;
    result.set(points.subarray(from, from + dimensions), i * dimensions);
  }
  return result;
}
