/** Smooth random curves around 1. */
import type { Sequence } from '../../tensor/sequence.js';
import { type CubicSpline, cubic, cubicSpline } from './cubic-spline.js';

/** Splines of order 4 with three pieces before, in and behind the series. */
const count = 10;

/** A spline through ten knots from -length to 2 length - 1 with values of N(1, deviation²), at the steps 0 to length - 1. */
export function randomCurve(length: number, deviation: number, draw: Sequence): Float64Array {
  const spline = splineOf(length);
  const { knots } = spline;
  const values = new Float64Array(draw.normals(count)).map((z) => 1 + deviation * z);
  const slopes = spline.slopes(values);
  const curve = new Float64Array(length);
  for (let k = 0; k + 1 < count; k++) {
    const inverse = 1 / (knots[k + 1]! - knots[k]!);
    const end = Math.min(knots[k + 1]!, length);
    for (let i = Math.max(0, Math.ceil(knots[k]!)); i < end; i++) {
      curve[i] = cubic(values[k]!, values[k + 1]!, slopes[k]!, slopes[k + 1]!, inverse, i - knots[k]!);
    }
  }
  return curve;
}

/** The last one, as series of a batch are mostly equally long. */
let latest: { readonly length: number; readonly spline: CubicSpline } | undefined;

function splineOf(length: number): CubicSpline {
  if (latest?.length !== length) latest = { length, spline: cubicSpline(knotsOf(length)) };
  return latest.spline;
}

/** At whole steps; of fewer than four steps, where whole ones would meet, wherever they fall. */
function knotsOf(length: number): Float64Array {
  const span = 3 * length - 1;
  const whole = span < count - 1 ? (at: number) => at : Math.floor;
  return Float64Array.from({ length: count }, (_, k) => whole((k * span) / (count - 1)) - length);
}
