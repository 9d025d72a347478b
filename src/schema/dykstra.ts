/** The nearest point of a box in which linear sums keep to their bounds. */
export interface Slab {
  /** One a coordinate. */
  readonly factors: readonly number[];
  readonly low: number;
  readonly high: number;
}

export interface Bounds {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/**
 * Boyle & Dykstra, A Method for Finding Projections onto the Intersection of Convex Sets in Hilbert Spaces, Advances in Order Restricted
 * Statistical Inference (1986). Ends by the change of the increments, for the points themselves may rest long before the end: Birgin &
 * Raydan, Robust Stopping Criteria for Dykstra's Algorithm, SIAM J. Sci. Comput. 26 (2005).
 * @returns the point, in the box and within about 1e-9 of every slab; what it had come to after `sweeps`, where there is no such point or
 * it is far.
 */
export function dykstra(
  point: readonly number[],
  slabs: readonly Slab[],
  { lower, upper }: Bounds,
  sweeps = 5000,
): number[] {
  const x = [...point];
  const squares = slabs.map(({ factors }) => factors.reduce((sum, factor) => sum + factor * factor, 0));
  // the increment of a slab is a multiple of its factors
  const multiples = slabs.map(() => 0);
  const increments = x.map(() => 0);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let change = 0;
    slabs.forEach(({ factors, low, high }, k) => {
      const before = multiples[k]!;
      const sum = factors.reduce((total, factor, i) => total + factor * x[i]!, before * squares[k]!);
      const after = squares[k]! > 0 ? (sum - clamp(sum, low, high)) / squares[k]! : 0;
      for (let i = 0; i < x.length; i++) x[i]! += (before - after) * factors[i]!;
      multiples[k] = after;
      change += (before - after) ** 2 * squares[k]!;
    });
    for (let i = 0; i < x.length; i++) {
      const moved = x[i]! + increments[i]!;
      x[i] = clamp(moved, lower[i]!, upper[i]!);
      const after = moved - x[i]!;
      change += (increments[i]! - after) ** 2;
      increments[i] = after;
    }
    if (change < 1e-22) break;
  }
  return x;
}

export const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
