/** Cubic splines with the not-a-knot condition at both ends: the first two pieces are one cubic, and so are the last two. */

export interface CubicSpline {
  /** Ascending. */
  readonly knots: ArrayLike<number>;
  /** The derivatives at the knots of the spline that has these values there. */
  slopes(values: ArrayLike<number>): Float64Array;
}

/**
 * The spline through given knots: two are joined by a line, three by a parabola. De Boor, A practical guide to splines (1978),
 * chapter IV: continuous second derivatives are a tridiagonal system for the slopes, factored here once for all values.
 */
export function cubicSpline(knots: ArrayLike<number>): CubicSpline {
  const n = knots.length;
  const steps = Float64Array.from({ length: n - 1 }, (_, i) => knots[i + 1]! - knots[i]!);
  if (n < 4) return { knots, slopes: (values) => parabola(steps, values) };
  const last = n - 1;
  const inverse = steps.map((h) => 1 / h);
  const [first, second] = steps as unknown as [number, number];
  const [beforeEnd, end] = [steps[last - 2]!, steps[last - 1]!];
  // the reciprocal pivots, and what is above the diagonal divided by the pivots
  const pivots = new Float64Array(n);
  const above = new Float64Array(n);
  pivots[0] = 1 / second;
  above[0] = (first + second) / second;
  for (let i = 1; i < last; i++) {
    pivots[i] = 1 / (2 * (steps[i - 1]! + steps[i]!) - steps[i]! * above[i - 1]!);
    above[i] = steps[i - 1]! * pivots[i]!;
  }
  pivots[last] = 1 / (beforeEnd - (beforeEnd + end) * above[last - 1]!);

  const slopes = (values: ArrayLike<number>): Float64Array => {
    const s = new Float64Array(n);
    // rises of the pieces left and right of knot i
    let left = (values[1]! - values[0]!) * inverse[0]!;
    let right = (values[2]! - values[1]!) * inverse[1]!;
    s[0] = pivots[0]! * (((3 * first + 2 * second) * second * left + first ** 2 * right) / (first + second));
    for (let i = 1; i < last; i++) {
      right = (values[i + 1]! - values[i]!) * inverse[i]!;
      s[i] = pivots[i]! * (3 * (steps[i]! * left + steps[i - 1]! * right) - steps[i]! * s[i - 1]!);
      if (i < last - 1) left = right;
    }
    const atEnd = (end ** 2 * left + (3 * end + 2 * beforeEnd) * beforeEnd * right) / (beforeEnd + end);
    s[last] = pivots[last]! * (atEnd - (beforeEnd + end) * s[last - 1]!);
    for (let i = last - 1; i >= 0; i--) s[i]! -= above[i]! * s[i + 1]!;
    return s;
  };
  return { knots, slopes };
}

/** The value `t` behind the left end of a piece: values and slopes at its ends, and one over its length. */
export function cubic(left: number, right: number, slopeLeft: number, slopeRight: number, inverse: number, t: number) {
  const rise = (right - left) * inverse;
  const third = (slopeLeft + slopeRight - 2 * rise) * inverse;
  const second = (rise - slopeLeft) * inverse - third;
  return left + t * (slopeLeft + t * (second + t * third * inverse));
}

/** Slopes of the polynomial through at most three knots. */
function parabola(steps: Float64Array, values: ArrayLike<number>): Float64Array {
  const rises = Array.from(steps, (h, i) => (values[i + 1]! - values[i]!) / h);
  if (rises.length < 2) return new Float64Array(values.length).fill(rises[0] ?? 0);
  const [h, k] = steps as unknown as [number, number];
  const [left, right] = rises as [number, number];
  const middle = (k * left + h * right) / (h + k);
  return Float64Array.of(2 * left - middle, middle, 2 * right - middle);
}
