/** A matrix cut into panels of columns, each contiguous, so that rows of a panel are a view that the runtime reads in place. */

import { emptyLike } from './diagonal.js';
import type { FloatArray } from './linalg.js';

/** Some columns of a matrix, from row `start` to row `end`; outside of those rows it is zero. */
export interface Panel<T extends FloatArray> {
  readonly start: number;
  readonly end: number;
  readonly firstColumn: number;
  readonly columns: number;
  /** Row-major, [end - start, columns]. */
  readonly data: T;
}

/** Which rows of a panel are stored: `upper` ends with the panel's last column, `lower` starts with its first. */
export type Triangle = 'upper' | 'lower';

/** A view of rows `from` to `to`, which must lie in the panel. */
export const rowsOf = <T extends FloatArray>({ data, start, columns }: Panel<T>, from: number, to: number): T =>
  data.subarray((from - start) * columns, (to - start) * columns) as T;

/** Copies one triangle of a square matrix into panels as wide as `block`; `[n, n]` row-major. */
export function toPanels<T extends FloatArray>(matrix: T, n: number, block: number, triangle: Triangle): Panel<T>[] {
  const panels = zeroPanels(matrix, n, block, triangle);
  for (const { start, end, firstColumn, columns, data } of panels) {
    for (let row = start; row < end; row++) {
      const from = row * n + firstColumn;
      data.set(matrix.subarray(from, from + columns), (row - start) * columns);
    }
  }
  return panels;
}

/** Panels of an identity, with room for the triangle that elimination fills. */
export function identityPanels<T extends FloatArray>(
  like: T,
  n: number,
  block: number,
  triangle: Triangle,
): Panel<T>[] {
  const panels = zeroPanels(like, n, block, triangle);
  for (const { start, firstColumn, columns, data } of panels) {
    for (let c = 0; c < columns; c++) data[(firstColumn + c - start) * columns + c] = 1;
  }
  return panels;
}

/** The square matrix the panels hold, zeros in the other triangle. */
export function fromPanels<T extends FloatArray>(panels: readonly Panel<T>[], n: number, like: T): T {
  const matrix = emptyLike(like, n * n);
  for (const { start, end, firstColumn, columns, data } of panels) {
    for (let row = start; row < end; row++) {
      const from = (row - start) * columns;
      matrix.set(data.subarray(from, from + columns), row * n + firstColumn);
    }
  }
  return matrix;
}

function zeroPanels<T extends FloatArray>(like: T, n: number, block: number, triangle: Triangle): Panel<T>[] {
  return Array.from({ length: Math.ceil(n / block) }, (_, index) => {
    const firstColumn = index * block;
    const columns = Math.min(block, n - firstColumn);
    const start = triangle === 'upper' ? 0 : firstColumn;
    const end = triangle === 'upper' ? firstColumn + columns : n;
    return { start, end, firstColumn, columns, data: emptyLike(like, (end - start) * columns) };
  });
}
