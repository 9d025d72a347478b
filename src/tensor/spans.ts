/** spans: stretches of neighbours in a list of rows, which are copied as one. */

/** Tells of each stretch of rows that rise by one: where it starts in the list, its first row, and how many there are. */
export function eachSpan(rows: ArrayLike<number>, tell: (at: number, row: number, count: number) => void): void {
  for (let at = 0; at < rows.length; ) {
    const row = rows[at]!;
    let count = 1;
    while (at + count < rows.length && rows[at + count] === row + count) count++;
    tell(at, row, count);
    at += count;
  }
}

/** The rows of [count, width] in that order, as an array of their own. */
export function gathered(values: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const made = new Float32Array(rows.length * width);
  eachSpan(rows, (at, row, count) => {
    made.set(values.subarray(row * width, (row + count) * width), at * width);
  });
  return made;
}
