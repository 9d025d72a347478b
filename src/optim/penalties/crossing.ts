/** The root of a decreasing function of one number, on which projections and groups rest. */

/** A function's value and its slope. */
export type Slope = readonly [value: number, slope: number];

/**
 * Where a continuous function that decreases crosses zero between `low` and `high`, to 12 digits: Newton's steps from `start`, and the
 * middle of the bracket where they would leave it.
 */
export function crossing(f: (x: number) => Slope, low: number, high: number, start: number): number {
  let x = start;
  for (let i = 0; i < 200; i++) {
    const [value, slope] = f(x);
    if (value === 0) return x;
    if (value > 0) low = x;
    else high = x;
    const newton = x - value / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-12 * Math.abs(x)) return next;
    x = next;
  }
  return x;
}
