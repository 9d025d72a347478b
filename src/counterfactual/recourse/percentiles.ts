/** percentiles: how large a number is among those of the reference, and what a move through them costs. */

/** One an element. @param points packed [rows, size]. @returns the share of examples below a value, ends excluded; of equal ones half. */
export function percentilesOf(points: Float32Array, size: number): (element: number, value: number) => number {
  const rows = points.length / size;
  const columns = Array.from({ length: size }, (_, i) =>
    Float32Array.from({ length: rows }, (_, row) => points[row * size + i]!).sort(),
  );
  return (element, value) => {
    const column = columns[element]!;
    const [below, notAbove] = [countBelow(column, value, false), countBelow(column, value, true)];
    return ((below + notAbove) / 2 + 0.5) / (rows + 1);
  };
}

/** How many of a sorted list are below a value, or not above it. */
function countBelow(sorted: Float32Array, value: number, orEqual: boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** From one percentile to another. */
export const shifts = {
  /** Of which the largest counts. */
  max: (from, to) => Math.abs(to - from),
  /** Of which all count: log (1 - Q(x)) / (1 - Q(x + a)), whichever way it goes. */
  total: (from, to) => Math.abs(Math.log((1 - from) / (1 - to))),
} as const satisfies Record<string, (from: number, to: number) => number>;
