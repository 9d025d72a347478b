/** One Gaussian of a mixture, with what its density needs. */
import { UserError } from '../errors.js';
import { factorBlock, invertBlock } from '../linalg/diagonal.js';
import { NotPositiveDefinite } from '../linalg/index.js';

/** Matrices are [d, d] where the covariance is full, and their diagonal [d] where it is diagonal. */
export interface Component {
  /** In (0, 1]; those of a mixture sum to 1. */
  readonly weight: number;
  /** [d] */
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  /** The inverse of the covariance. */
  readonly precision: Float64Array;
  /** W with W Wᵀ the precision, upper triangular: rows (x - mean) W are white. */
  readonly whitener: Float64Array;
  /** log of the covariance's determinant. */
  readonly logDeterminant: number;
}

export type CovarianceKind = 'full' | 'diagonal';

/** @throws UserError for a covariance that is not positive definite. */
export function component(
  weight: number,
  mean: Float64Array,
  covariance: Float64Array,
  kind: CovarianceKind,
): Component {
  const whitener = kind === 'full' ? whitenerOf(covariance, mean.length) : covariance.map(inverseRoot);
  const precision = kind === 'full' ? square(whitener, mean.length) : whitener.map((w) => w * w);
  return {
    weight,
    mean,
    covariance,
    precision,
    whitener,
    logDeterminant: -2 * logOfDiagonal(whitener, kind, mean.length),
  };
}

/** With the covariance Uᵀ U, as its Cholesky factor is L = Uᵀ, this is U⁻¹ = L⁻ᵀ. */
function whitenerOf(covariance: Float64Array, d: number): Float64Array {
  try {
    return invertBlock(factorBlock(covariance, d), d);
  } catch (error) {
    if (error instanceof NotPositiveDefinite) throw degenerate(error.found);
    throw error;
  }
}

function inverseRoot(variance: number): number {
  if (variance > 0 && variance < Number.POSITIVE_INFINITY) return 1 / Math.sqrt(variance);
  throw degenerate(variance);
}

const degenerate = (found: number): UserError =>
  new UserError('gmm', `expected positive definite covariances, got a pivot of ${found}; raise the floor`);

/** W Wᵀ for an upper triangular W. */
function square(w: Float64Array, d: number): Float64Array {
  const result = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = i; j < d; j++) {
      let sum = 0;
      for (let k = j; k < d; k++) sum += (w[i * d + k] as number) * (w[j * d + k] as number);
      result[i * d + j] = result[j * d + i] = sum;
    }
  }
  return result;
}

function logOfDiagonal(w: Float64Array, kind: CovarianceKind, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += Math.log(w[kind === 'full' ? k * d + k : k] as number);
  return sum;
}
