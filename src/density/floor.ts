/** Covariances kept from collapsing: no variance in any direction is below a floor. */
import { factorBlock } from '../linalg/diagonal.js';
import { NotPositiveDefinite } from '../linalg/index.js';
import { svd } from '../linalg/jacobi-svd.js';
import type { CovarianceKind } from './component.js';

/**
 * Of all covariances with eigenvalues of `floor` or more, the likeliest for a sample covariance: its eigenvalues, each raised to the
 * floor. A step of EM under that constraint is still a maximum, so that the likelihood keeps rising; adding to the diagonal is none.
 */
export function floored(covariance: Float64Array, d: number, kind: CovarianceKind, floor: number): Float64Array {
  if (kind === 'diagonal') return covariance.map((variance) => Math.max(variance, floor));
  if (isAbove(covariance, d, floor)) return covariance;
  const { s, u } = svd(covariance, d, d);
  const result = new Float64Array(d * d);
  for (let i = 0; i < d; i++) result[i * d + i] = floor;
  for (const [k, eigenvalue] of s.entries()) {
    const excess = eigenvalue - floor;
    if (excess > 0) addOuter(result, u.subarray(k * d, (k + 1) * d), excess);
  }
  return result;
}

/** Whether all eigenvalues are above the floor: what is left without it has a Cholesky factor. */
function isAbove(covariance: Float64Array, d: number, floor: number): boolean {
  const rest = covariance.slice();
  for (let i = 0; i < d; i++) rest[i * d + i]! -= floor;
  try {
    factorBlock(rest, d);
    return true;
  } catch (error) {
    if (error instanceof NotPositiveDefinite) return false;
    throw error;
  }
}

/** m + factor v vᵀ, in place. */
function addOuter(m: Float64Array, v: Float64Array, factor: number): void {
  const d = v.length;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) m[i * d + j]! += factor * (v[i] as number) * (v[j] as number);
  }
}
