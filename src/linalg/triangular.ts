/** Systems with an upper triangular matrix. */
import { backwardStep, blockSize, forwardStep } from './blocked.js';
import { emptyLike, invertBlock, transposeBlock } from './diagonal.js';
import type { Engine } from './engine.js';
import type { FloatArray } from './linalg.js';
import { fromPanels, identityPanels, type Panel } from './panel.js';

/** U⁻¹, upper triangular. */
export async function triangularInverse<T extends FloatArray>(run: Engine, u: T, n: number): Promise<T> {
  const inverse = identityPanels(u, n, blockSize(n), 'upper');
  await substituteBack(run, u, n, inverse);
  return fromPanels(inverse, n, u);
}

/** X with U X = b, or Uᵀ X = b when `transposed`; b is [n, columns]. */
export async function solveTriangular<T extends FloatArray>(
  run: Engine,
  u: T,
  n: number,
  b: T,
  columns: number,
  transposed: boolean,
): Promise<T> {
  const x: Panel<T> = { start: 0, end: n, firstColumn: 0, columns, data: b.slice() as T };
  await (transposed ? substituteForward(run, u, n, x) : substituteBack(run, u, n, [x]));
  return x.data;
}

/** Uᵀ X = B, in place. */
async function substituteForward<T extends FloatArray>(run: Engine, u: T, n: number, x: Panel<T>): Promise<void> {
  const block = blockSize(n);
  for (let from = 0; from < n; from += block) {
    const to = Math.min(n, from + block);
    const inverse = invertBlock(cut(u, n, from, to, from, to), to - from);
    const left = transposeBlock(inverse, to - from, u);
    await forwardStep(run, x, from, to, left, cut(u, n, 0, from, from, to));
  }
}

/** U X = B, in place for all panels of B. */
async function substituteBack<T extends FloatArray>(
  run: Engine,
  u: T,
  n: number,
  panels: readonly Panel<T>[],
): Promise<void> {
  const block = blockSize(n);
  for (let from = Math.floor((n - 1) / block) * block; from >= 0; from -= block) {
    const to = Math.min(n, from + block);
    const left = emptyLike(u, (to - from) ** 2);
    left.set(invertBlock(cut(u, n, from, to, from, to), to - from));
    for (const x of panels) {
      if (x.end >= to) await backwardStep(run, x, from, to, left, cut(u, n, from, to, to, x.end));
    }
  }
}

/** Rows [top, bottom) and columns [start, end) of a row-major [n, n] matrix, copied. */
function cut<T extends FloatArray>(matrix: T, n: number, top: number, bottom: number, start: number, end: number): T {
  const width = end - start;
  const part = emptyLike(matrix, (bottom - top) * width);
  for (let row = top; row < bottom; row++) {
    part.set(matrix.subarray(row * n + start, row * n + end), (row - top) * width);
  }
  return part;
}
