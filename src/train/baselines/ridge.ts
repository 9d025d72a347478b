/** Ridge classification: least squares towards 1 for the class and -1 for the others, the penalty chosen by leaving one out. */
import type { Linalg } from '../../linalg/index.js';
import { type Standardisation, standardisationOf } from './standardise.js';

export interface Ridge {
  readonly alpha: number;
  /** Mean squared error of samples left out, for each alpha. */
  readonly errors: readonly number[];
  /** [rows, classes]: the values of each sample by the fit to all others. */
  readonly leftOut: Float64Array;
  /** [columns, classes], for columns as they are given. */
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** Columns that are standardised at a time. */
const blockColumns = 2048;

/**
 * Hoerl, Kennard, Ridge regression (1970), on columns of mean 0 and variance 1 with an intercept that is not penalised, in its dual form:
 * for more columns than rows. One alpha for all classes.
 * @param table [rows, columns]
 */
export async function fitRidge(
  linalg: Linalg,
  table: Float32Array,
  labels: Int32Array,
  classes: number,
  alphas: readonly number[],
  signal?: AbortSignal,
): Promise<Ridge> {
  const rows = labels.length;
  const columns = table.length / rows;
  const scaling = standardisationOf(table, columns);
  const { targets, means } = targetsOf(labels, classes);
  const gram = await gramOf(linalg, table, rows, scaling);

  let best = { alpha: 0, error: Number.POSITIVE_INFINITY, duals: targets, residuals: targets };
  const errors: number[] = [];
  for (const alpha of alphas) {
    signal?.throwIfAborted();
    const { duals, residuals } = await leaveOneOut(linalg, gram, targets, rows, classes, alpha);
    const error = residuals.reduce((sum, residual) => sum + residual ** 2, 0) / residuals.length;
    errors.push(error);
    if (error < best.error) best = { alpha, error, duals, residuals };
  }

  const weights = new Float64Array(columns * classes);
  const biases = means.slice();
  for (const { from, width, block } of blocksOf(table, rows, scaling)) {
    const part = await linalg.matmul(block, best.duals, { m: width, k: rows, n: classes, transA: true });
    for (let at = 0; at < part.length; at++) {
      const column = from + Math.floor(at / classes);
      const weight = part[at]! / scaling.scale[column]!;
      weights[from * classes + at] = weight;
      biases[at % classes]! -= weight * scaling.mean[column]!;
    }
  }
  const leftOut = best.residuals.map((residual, at) => targets[at]! + means[at % classes]! - residual);
  return { alpha: best.alpha, errors, leftOut, weights, biases };
}

/** 1 for the class and -1 for the others, less the mean of each class. */
function targetsOf(labels: Int32Array, classes: number): { targets: Float64Array; means: Float64Array } {
  const means = new Float64Array(classes).fill(-1);
  for (const label of labels) means[label]! += 2 / labels.length;
  const targets = new Float64Array(labels.length * classes);
  for (let at = 0; at < targets.length; at++) {
    const c = at % classes;
    targets[at] = (labels[Math.floor(at / classes)] === c ? 1 : -1) - means[c]!;
  }
  return { targets, means };
}

/**
 * With G the inverse of K + alpha I and c = G y, what is left of sample i once it is no part of the fit is c_i / (G_ii - 1 / (alpha n)): the
 * fit moves by H = 11ᵀ / n + K G, and 1 - H_ii = alpha G_ii - 1 / n, as K is of centred columns.
 */
async function leaveOneOut(
  linalg: Linalg,
  gram: Float64Array,
  targets: Float64Array,
  rows: number,
  classes: number,
  alpha: number,
): Promise<{ duals: Float64Array; residuals: Float64Array }> {
  const damped = gram.slice();
  for (let i = 0; i < rows; i++) damped[i * rows + i]! += alpha;
  const factor = await linalg.inverseFactor(damped, rows);
  const half = await linalg.matmul(factor, targets, { m: rows, k: rows, n: classes });
  const duals = await linalg.matmul(factor, half, { m: rows, k: rows, n: classes, transA: true });
  const diagonal = new Float64Array(rows);
  for (let at = 0; at < factor.length; at++) diagonal[at % rows]! += factor[at]! * factor[at]!;
  // a single sample decides all of its fit: nothing is left either way
  const rest = diagonal.map((entry) => Math.max(Number.EPSILON, entry - 1 / (alpha * rows)));
  return { duals, residuals: duals.map((dual, at) => dual / rest[Math.floor(at / classes)]!) };
}

/** Products of the standardised rows, [rows, rows]. */
async function gramOf(
  linalg: Linalg,
  table: Float32Array,
  rows: number,
  scaling: Standardisation,
): Promise<Float64Array> {
  let gram = new Float64Array(rows * rows) as Float64Array;
  for (const { width, block } of blocksOf(table, rows, scaling)) {
    gram = await linalg.addProduct(gram, 1, block, block, { m: rows, k: width, n: rows, transB: true });
  }
  return gram;
}

interface Block {
  readonly from: number;
  readonly width: number;
  /** [rows, width] */
  readonly block: Float64Array;
}

function* blocksOf(table: Float32Array, rows: number, { mean, scale }: Standardisation): Generator<Block> {
  const columns = mean.length;
  for (let from = 0; from < columns; from += blockColumns) {
    const width = Math.min(blockColumns, columns - from);
    const block = new Float64Array(rows * width);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let k = from; k < from + width; k++) block[at++] = (table[row * columns + k]! - mean[k]!) / scale[k]!;
    }
    yield { from, width, block };
  }
}
