/** The plane in which points are spread most: the first two principal components. */
import { UserError } from '../errors.js';
import { random } from '../tensor/random.js';
import { svd } from './jacobi-svd.js';

export interface PrincipalPlane {
  /** [count, 2]: coordinates along the first and the second component, from the mean of all points. */
  readonly points: Float64Array;
  /** The share of the variance along each, in [0, 1]. */
  readonly explained: readonly [number, number];
}

/** Directions that are followed beside the two: the values just below them no longer slow the search down. */
const beside = 6;
const mostRounds = 200;
/** Of what a round may still change, relative to the variance of all. */
const settled = 1e-13;

/**
 * Principal components by subspace iteration with Ritz values; Halko, Martinsson, Tropp (arXiv 0909.4061), section 4.5. The largest loading of a
 * component is positive, so that equal points give equal planes.
 * @param features [count, width].
 * @throws UserError when a feature is not finite.
 */
export function principalPlane(features: Float32Array, count: number): PrincipalPlane {
  const width = count === 0 ? 0 : features.length / count;
  const points = new Float64Array(2 * count);
  const { centred, variance, size } = centredOf(features, count, width);
  // what only the rounding of the mean left has no direction
  if (variance <= 1e-24 * size) return { points, explained: [0, 0] };
  const { axes, spreads } = widestDirections(centred, count, width, variance);
  axes.forEach((axis, k) => {
    const sign = Math.sign(axis.reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most), 0)) || 1;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += centred[i * width + j]! * axis[j]!;
      points[2 * i + k] = sign * sum;
    }
  });
  const share = (k: number): number => Math.min(1, (spreads[k] ?? 0) / variance);
  return { points, explained: [share(0), share(1)] };
}

function centredOf(features: Float32Array, count: number, width: number) {
  const mean = new Float64Array(width);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < width; j++) {
      const value = features[i * width + j]!;
      if (!Number.isFinite(value))
        throw new UserError('principalPlane', `expected finite features, got ${value} in row ${i}; leave the row out`);
      mean[j] = mean[j]! + value / count;
    }
  const centred = new Float64Array(count * width);
  let [variance, size] = [0, 0];
  for (let i = 0; i < count; i++)
    for (let j = 0; j < width; j++) {
      const value = features[i * width + j]! - mean[j]!;
      centred[i * width + j] = value;
      variance += value * value;
      size += features[i * width + j]! ** 2;
    }
  return { centred, variance, size };
}

/** At most two directions of unit length, and the squares of the points along each. */
function widestDirections(centred: Float64Array, count: number, width: number, variance: number) {
  const isWide = width > count;
  const size = isWide ? count : width;
  // the points' products with each other, or their features' where these are fewer: the eigenvalues are the same
  const rows = isWide ? centred : turnedOver(centred, count, width);
  const products = timesRows(rows, rows, isWide ? width : count);
  const kept = leadingVectors(products, size).filter(({ value }) => value > settled * variance);
  const axes = kept.map(({ vector }) => (isWide ? axisThrough(vector, centred, width) : vector));
  return { axes, spreads: kept.map(({ value }) => value) };
}

/** [width, count]. */
function turnedOver(centred: Float64Array, count: number, width: number): Float64Array {
  const turned = new Float64Array(centred.length);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) turned[j * count + i] = centred[i * width + j]!;
  return turned;
}

/** The two largest eigenvalues of a matrix without negative ones. */
function leadingVectors(matrix: Float64Array, size: number): { value: number; vector: Float64Array }[] {
  let basis = orthonormal(
    Float64Array.from(random(0, 'principal plane').normals(Math.min(2 + beside, size) * size)),
    size,
  );
  let values: number[] = [];
  const trace = Array.from({ length: size }, (_, i) => matrix[i * size + i]!).reduce((sum, value) => sum + value, 0);
  for (let round = 0; round < mostRounds; round++) {
    const followed = basis.length / size;
    const moved = timesRows(basis, matrix, size);
    const { s, v } = svd(timesRows(moved, basis, size), followed, followed);
    const before = values;
    values = Array.from(s.subarray(0, 2));
    basis = turnedBy(v, basis, size);
    if (values.every((value, k) => Math.abs(value - (before[k] ?? 0)) <= settled * trace)) break;
    basis = orthonormal(turnedBy(v, moved, size), size);
  }
  return values.map((value, k) => ({ value, vector: basis.slice(k * size, (k + 1) * size) }));
}

/** Every row of `a` with every row of `b`: [rows of a, rows of b]. */
function timesRows(a: Float64Array, b: Float64Array, length: number): Float64Array {
  const [rows, columns] = [a.length / length, b.length / length];
  const products = new Float64Array(rows * columns);
  for (let p = 0; p < rows; p++)
    for (let q = 0; q < columns; q++) {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += a[p * length + i]! * b[q * length + i]!;
      products[p * columns + q] = sum;
    }
  return products;
}

/** The direction among features that weights of the points give. */
function axisThrough(weights: Float64Array, centred: Float64Array, width: number): Float64Array {
  const axis = new Float64Array(width);
  weights.forEach((weight, i) => {
    for (let j = 0; j < width; j++) axis[j] = axis[j]! + weight * centred[i * width + j]!;
  });
  const length = norm(axis);
  return axis.map((value) => value / length);
}

/** The directions combined by each row of `v`, [directions, directions]. */
function turnedBy(v: Float64Array, basis: Float64Array, width: number): Float64Array {
  const followed = basis.length / width;
  const turned = new Float64Array(basis.length);
  for (let k = 0; k < followed; k++)
    for (let l = 0; l < followed; l++)
      for (let j = 0; j < width; j++)
        turned[k * width + j] = turned[k * width + j]! + v[k * followed + l]! * basis[l * width + j]!;
  return turned;
}

/** The rows made orthonormal, twice over for the digits; rows that the others span are left out. */
function orthonormal(rows: Float64Array, width: number): Float64Array {
  const kept: Float64Array[] = [];
  for (let k = 0; k * width < rows.length; k++) {
    const row = rows.slice(k * width, (k + 1) * width);
    const length = norm(row);
    for (let pass = 0; pass < 2; pass++)
      for (const other of kept) {
        const shared = row.reduce((sum, value, j) => sum + value * other[j]!, 0);
        for (let j = 0; j < width; j++) row[j] = row[j]! - shared * other[j]!;
      }
    const left = norm(row);
    if (left > 1e-12 * length) kept.push(row.map((value) => value / left));
  }
  const joined = new Float64Array(kept.length * width);
  kept.forEach((row, k) => {
    joined.set(row, k * width);
  });
  return joined;
}

const norm = (row: Float64Array): number => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
