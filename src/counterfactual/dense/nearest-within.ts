/** nearestWithin: the point of a box, an ellipsoid and half spaces that is nearest to another. */
import { type Ellipsoid, projectOn } from './ellipsoid.js';

/** The points with `factors` x <= bound. */
export interface HalfSpace {
  readonly factors: Float64Array;
  readonly bound: number;
}

export interface Region {
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  readonly ellipsoid: Ellipsoid;
  readonly halfSpaces: readonly HalfSpace[];
}

/** Distances are sums of `weights` times absolute or squared changes. */
export interface Metric {
  readonly norm: 'manhattan' | 'euclid';
  readonly weights: Float32Array;
}

/** Points agree when they are so near, in each element. */
const agreed = 1e-6;
const mostSteps = 4000;
/** How often the weight of the distance is balanced against agreement, and until when: for ever it need not converge. */
const balancing = { every: 25, until: 1500 };

/**
 * Consensus by the alternating direction method of multipliers (Boyd, Parikh, Chu, Peleato, Eckstein, Distributed optimization and
 * statistical learning, 2011, 7.1): each set, and the distance with the box, has a copy of the point.
 * @returns the copy that is exact in the box and, for `manhattan`, in what does not change; undefined where the sets have no common point,
 * or it was not found in as many steps.
 */
export function nearestWithin(
  origin: ArrayLike<number>,
  { lower, upper, ellipsoid, halfSpaces }: Region,
  { norm, weights }: Metric,
): Float64Array | undefined {
  const d = lower.length;
  const squares = halfSpaces.map(({ factors }) => factors.reduce((sum, factor) => sum + factor * factor, 0));
  // what no point of any box can mend
  if (halfSpaces.some(({ bound }, k) => squares[k] === 0 && bound < 0)) return undefined;
  let step = 0.1;
  const nearer = (x: Float64Array): void => {
    for (let i = 0; i < d; i++) {
      const [from, by] = [origin[i]!, step * weights[i]!];
      const change = x[i]! - from;
      const shrunk = norm === 'euclid' ? change / (1 + 2 * by) : Math.sign(change) * Math.max(Math.abs(change) - by, 0);
      x[i] = Math.min(Math.max(from + shrunk, lower[i]!), upper[i]!);
    }
  };
  const moves = [
    nearer,
    (x: Float64Array) => projectOn(ellipsoid, x),
    ...halfSpaces.map(
      ({ factors, bound }, k) =>
        (x: Float64Array) =>
          intoHalf(factors, bound, squares[k]!, x),
    ),
  ];
  const mean = Float64Array.from({ length: d }, (_, i) => Math.min(Math.max(origin[i]!, lower[i]!), upper[i]!));
  const copies = moves.map(() => mean.slice());
  const duals = moves.map(() => new Float64Array(d));
  for (let k = 1; k <= mostSteps; k++) {
    moves.forEach((move, c) => {
      const [copy, dual] = [copies[c]!, duals[c]!];
      for (let i = 0; i < d; i++) copy[i] = mean[i]! - dual[i]!;
      move(copy);
    });
    let [apart, moved, worst] = [0, 0, 0];
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let c = 0; c < moves.length; c++) sum += copies[c]![i]! + duals[c]![i]!;
      const now = sum / moves.length;
      moved += moves.length * (now - mean[i]!) ** 2;
      worst = Math.max(worst, Math.abs(now - mean[i]!));
      mean[i] = now;
      for (let c = 0; c < moves.length; c++) {
        const off = copies[c]![i]! - now;
        duals[c]![i]! += off;
        apart += off * off;
        worst = Math.max(worst, Math.abs(off));
      }
    }
    if (worst < agreed) return copies[0];
    if (k % balancing.every === 0 && k < balancing.until) {
      const ratio = Math.sqrt(apart / moved);
      // far apart: the distance is to weigh less
      const factor = ratio > 5 ? 0.5 : ratio < 0.2 ? 2 : 1;
      step *= factor;
      for (const dual of duals) for (let i = 0; i < d; i++) dual[i]! *= factor;
    }
  }
  return undefined;
}

function intoHalf(factors: Float64Array, bound: number, square: number, x: Float64Array): void {
  let sum = -bound;
  for (let i = 0; i < x.length; i++) sum += factors[i]! * x[i]!;
  if (sum <= 0 || square === 0) return;
  for (let i = 0; i < x.length; i++) x[i]! -= (sum / square) * factors[i]!;
}
