/** Factors of symmetric positive definite matrices. */
import { blockSize, eliminate } from './blocked.js';
import type { Engine } from './engine.js';
import { type FloatArray, NotPositiveDefinite } from './linalg.js';
import { fromPanels, identityPanels, toPanels } from './panel.js';

/** U with a = Uᵀ U. */
export async function cholesky<T extends FloatArray>(run: Engine, a: T, n: number): Promise<T> {
  const panels = toPanels(a, n, blockSize(n), 'upper');
  await eliminate(run, panels);
  return fromPanels(panels, n, a);
}

/**
 * U with a⁻¹ = Uᵀ U. With J the exchange matrix and J a J = Rᵀ R, that is U = J R⁻ᵀ J, which is upper triangular.
 * Exchanging the rows and columns of a square row-major matrix reverses its elements.
 */
export async function inverseFactor<T extends FloatArray>(run: Engine, a: T, n: number): Promise<T> {
  const block = blockSize(n);
  const inverse = identityPanels(a, n, block, 'lower');
  try {
    await eliminate(run, toPanels(a.slice().reverse() as T, n, block, 'upper'), inverse);
  } catch (error) {
    if (error instanceof NotPositiveDefinite) throw new NotPositiveDefinite(n - 1 - error.pivot, error.found);
    throw error;
  }
  return fromPanels(inverse, n, a).reverse() as T;
}
