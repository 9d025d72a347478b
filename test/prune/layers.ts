/** Seeded layers with statistics, and the error a pruned layer makes on its samples. */
import type { PruneLayerRequest, Statistics } from '../../src/prune/index.js';
import type { MatrixStack } from '../../src/tensor/matrix.js';
import { random } from '../../src/tensor/random.js';
import { plainLinalg } from './plain-linalg.js';

/** A request for a seeded layer with correlated inputs. */
export function layer(
  rows: number,
  columns: number,
  stacks = 1,
  samples = 2 * columns,
): Omit<PruneLayerRequest, 'pattern'> {
  const weight = { stacks, rows, columns, data: random(1, 'weight').normals(stacks * rows * columns) };
  const X = Float64Array.from(random(2, 'inputs').normals(stacks * samples * columns));
  // each input shares half of the one before it
  for (let i = 1; i < X.length; i++) X[i]! += 0.5 * X[i - 1]!;
  return { layer: 'layer', weight, statistics: statisticsOf(X, samples, columns, stacks), linalg: plainLinalg };
}

/** @param X [stacks, samples, columns] */
export function statisticsOf(X: ArrayLike<number>, samples: number, columns: number, stacks = 1): Required<Statistics> {
  const gram = new Float64Array(stacks * columns * columns);
  const columnNorm = new Float64Array(stacks * columns);
  for (let s = 0; s < stacks; s++) {
    for (let t = 0; t < samples; t++) {
      const x = (s * samples + t) * columns;
      for (let i = 0; i < columns; i++) {
        columnNorm[s * columns + i]! += X[x + i]! ** 2;
        for (let j = 0; j < columns; j++) gram[(s * columns + i) * columns + j]! += X[x + i]! * X[x + j]!;
      }
    }
  }
  return { samples, columnNorm, gram };
}

/** Squared Frobenius norm of (W - V) Xᵀ, from the Gram matrix of X. */
export function outputError({ rows, columns, data }: MatrixStack, V: ArrayLike<number>, gram: Float64Array): number {
  let error = 0;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        const [a, b] = [r * columns + i, r * columns + j];
        error += (data[a]! - V[a]!) * gram[i * columns + j]! * (data[b]! - V[b]!);
      }
    }
  }
  return error;
}

export const zeros = (values: ArrayLike<number>): number => Array.from(values).filter((value) => value === 0).length;
