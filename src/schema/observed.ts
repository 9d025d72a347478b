/** What the data say about each column: from it come the ranges that nobody wrote down. */

export interface Observed {
  /** Of the finite values of the column; above `high` where there is none. */
  readonly low: number;
  readonly high: number;
  /** Whether all its values are whole numbers. */
  readonly isInteger: boolean;
}

/** @param rows [rows, width], one after the other. */
export function observedIn(rows: Float32Array, width: number): Observed[] {
  const found = Array.from({ length: width }, () => ({
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    isInteger: true,
  }));
  rows.forEach((value, i) => {
    const column = found[i % width]!;
    if (!Number.isInteger(value)) column.isInteger = false;
    if (!Number.isFinite(value)) return;
    column.low = Math.min(column.low, value);
    column.high = Math.max(column.high, value);
  });
  return found;
}
