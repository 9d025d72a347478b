/** The directions in which a matrix, or what it makes of data, is largest: leading left singular vectors of matrices of any size. */
import { random } from '../tensor/random.js';
import type { Linalg } from './linalg.js';
import { symmetricEigen } from './symmetric-eigen.js';

export interface Directions {
  /** How many there are; at least as many as were asked for, unless the matrix has a lower rank. */
  readonly count: number;
  /** Squares of singular values, falling. */
  readonly energies: Float64Array;
  /** [count, rows]: orthonormal, a direction a row. */
  readonly vectors: Float64Array;
  /** The sum of the squares of all singular values, those that are not followed included. */
  readonly total: number;
}

export interface DirectionsOptions {
  /** How many are wanted. */
  readonly count: number;
  /** Σ x xᵀ of what the matrix multiplies, [columns, columns]: directions are then those of W X. */
  readonly gram?: Float64Array;
  /** Up to this size of the shorter side all directions are found, to the digits of float64; default 512. */
  readonly exact?: number;
  readonly signal?: AbortSignal;
}

type Products = Pick<Linalg, 'matmul' | 'cholesky' | 'solveTriangular'>;

/**
 * Eigenvectors of W C Wᵀ with C the Gram matrix, or 1. With both sides above `exact`, by subspace iteration with Ritz values (Halko, Martinsson,
 * Tropp, arXiv 0909.4061, section 4.5) until the energy of the subspace settles: directions of all but equal size at its border may
 * be exchanged then, which costs next to nothing of the energy.
 * @param w [rows, columns], finite.
 */
export async function leadingDirections(
  linalg: Products,
  w: Float64Array,
  rows: number,
  columns: number,
  { count, gram, exact = 512, signal }: DirectionsOptions,
): Promise<Directions> {
  if (w.every((value) => value === 0)) {
    return { count: 0, energies: new Float64Array(0), vectors: new Float64Array(0), total: 0 };
  }
  const matrix: Operand = { linalg, w, rows, columns, ...(gram && { gram }) };
  const basis =
    rows <= exact && rows <= columns
      ? identity(rows)
      : columns <= exact
        ? await rangeOf(matrix)
        : await subspace(matrix, Math.min(rows, columns, count + beside), signal);
  return ritz(matrix, basis);
}

interface Operand {
  readonly linalg: Products;
  readonly w: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly gram?: Float64Array;
}

/** Directions that are followed beside those asked for, so that the last of these settle soon. */
const beside = 32;
const mostRounds = 40;
/** Of the energy of the subspace, relative to itself: what a round may still add. */
const settled = 1e-5;
/** Of the largest energy: added to all, so that products stay independent where the matrix has no more directions. */
const floor = 1e-7;

function identity(n: number): Float64Array {
  const one = new Float64Array(n * n);
  for (let i = 0; i < n; i++) one[i * n + i] = 1;
  return one;
}

/** q W C, for rows q of the basis: [followed, columns]. */
async function behind(
  { linalg, w, rows, columns, gram }: Operand,
  basis: Float64Array,
): Promise<readonly [z: Float64Array, zc: Float64Array]> {
  const followed = basis.length / rows;
  const z = await linalg.matmul(basis, w, { m: followed, k: rows, n: columns });
  return [z, gram ? await linalg.matmul(z, gram, { m: followed, k: columns, n: columns }) : z];
}

/** An orthonormal basis of all that W reaches, where it has few columns. */
async function rangeOf({ linalg, w, rows, columns }: Operand): Promise<Float64Array> {
  const products = await linalg.matmul(w, w, { m: columns, k: rows, n: columns, transA: true });
  const { values, vectors } = symmetricEigen(products, columns);
  const kept = values.filter((value) => value > 1e-13 * values[0]!).length;
  const reached = await linalg.matmul(vectors.subarray(0, kept * columns), w, {
    m: kept,
    k: columns,
    n: rows,
    transB: true,
  });
  for (let k = 0; k < kept; k++) {
    const size = Math.sqrt(values[k]!);
    for (let i = 0; i < rows; i++) reached[k * rows + i]! /= size;
  }
  return orthonormal(linalg, reached, kept, rows);
}

async function subspace(matrix: Operand, followed: number, signal?: AbortSignal): Promise<Float64Array> {
  const { linalg, w, rows, columns } = matrix;
  const start = Float64Array.from(random(0, 'leading directions').normals(followed * rows));
  let basis = await orthonormal(linalg, start, followed, rows);
  let before = 0;
  for (let round = 0; round < mostRounds; round++) {
    signal?.throwIfAborted();
    const [, zc] = await behind(matrix, basis);
    const moved = await linalg.matmul(zc, w, { m: followed, k: columns, n: rows, transB: true });
    let [energy, largest] = [0, 0];
    for (let k = 0; k < followed; k++) {
      let own = 0;
      for (let i = k * rows; i < (k + 1) * rows; i++) own += moved[i]! * basis[i]!;
      energy += own;
      largest = Math.max(largest, own);
    }
    if (!(energy > 0) || energy - before <= settled * energy) break;
    before = energy;
    for (let i = 0; i < moved.length; i++) moved[i]! += floor * largest * basis[i]!;
    basis = await orthonormal(linalg, moved, followed, rows);
  }
  return basis;
}

/** Rows made orthonormal by the Cholesky factor of their products, twice over for the digits. */
async function orthonormal(
  linalg: Products,
  block: Float64Array,
  count: number,
  length: number,
): Promise<Float64Array> {
  let made = block;
  for (let pass = 0; pass < 2; pass++) {
    const products = await linalg.matmul(made, made, { m: count, k: length, n: count, transB: true });
    const u = await linalg.cholesky(products, count);
    made = await linalg.solveTriangular(u, count, made, length, true);
  }
  return made;
}

async function ritz(matrix: Operand, basis: Float64Array): Promise<Directions> {
  const { linalg, rows, columns } = matrix;
  const followed = basis.length / rows;
  const [z, zc] = await behind(matrix, basis);
  const products = await linalg.matmul(zc, z, { m: followed, k: columns, n: followed, transB: true });
  const { values, vectors } = symmetricEigen(products, followed);
  return {
    count: followed,
    energies: values.map((value) => Math.max(0, value)),
    vectors: await linalg.matmul(vectors, basis, { m: followed, k: followed, n: rows }),
    total: await totalOf(matrix),
  };
}

/** The trace of W C Wᵀ. */
async function totalOf({ linalg, w, rows, columns, gram }: Operand): Promise<number> {
  const wc = gram ? await linalg.matmul(w, gram, { m: rows, k: columns, n: columns }) : w;
  let sum = 0;
  for (let i = 0; i < w.length; i++) sum += w[i]! * wc[i]!;
  return Math.max(0, sum);
}
