/** nonmonotoneDescent: accelerated proximal gradient steps on one example, taken where they lower a running mean of the objective. */
import type { Course, PointAnswer } from './side-by-side.js';

/** A loss and a penalty of the change of one example. */
export interface Landscape {
  /** The loss's margin and gradient. */
  slopes(change: Float32Array): Course<PointAnswer>;
  /** The margin alone. */
  margin(change: Float32Array): Course<number>;
  prox(change: Float32Array, step: number): Float32Array;
  penalty(change: Float32Array): number;
  /** The nearest change that holds no more than is allowed; the same array where it does not. */
  trim(change: Float32Array): Float32Array;
}

export interface DescentSettings {
  /** At least so many steps, and at most twice as many: it ends between them when the loss has settled. */
  readonly steps: number;
  /** Weight of earlier objectives in the running mean. */
  readonly eta: number;
  /** Decrease that is asked for, of the squared length of the step. */
  readonly delta: number;
  /** By what a step is shortened that is refused. */
  readonly rho: number;
}

export interface Descended {
  readonly change: Float32Array;
  /** Negative where the goal is reached, at which it ends. */
  readonly margin: number;
}

/** The first step, and any where the curvature tells none. */
export const firstStep = 1e-3;
/** Shortenings of the accelerated step and of the plain one. */
const [most, fewer] = [60, 10];
const settled = 1e-3;

/**
 * Li, Lin, Accelerated proximal gradient methods for nonconvex programming (NIPS 2015), algorithm with line search: the hinge of the margin
 * plus the penalty. Where the accelerated point z does not lower the running mean c, a plain step v from x is taken if it is lower.
 */
export function* nonmonotoneDescent(
  land: Landscape,
  start: Float32Array,
  { steps, eta, delta, rho }: DescentSettings,
): Course<Descended> {
  const objective = (margin: number, change: Float32Array): number => Math.max(0, margin) + land.penalty(change);
  let [x, before, z] = [start, start, start];
  let margin = yield* land.margin(start);
  let [c, q, t, earlier] = [objective(margin, start), 1, 1, 0];
  let anchor: { readonly at: Float32Array; readonly gradient: Float32Array } | undefined;
  for (let k = 0, calm = 0; k < 2 * steps && calm < 2 && margin >= 0; k++) {
    const y = ahead(x, z, before, earlier / t, (earlier - 1) / t);
    const slopes = yield* land.slopes(y);
    const atY = objective(slopes.margin, y);
    const fast = yield* shortened(y, slopes.gradient, most, (value, away) => value <= Math.max(atY, c) - delta * away);
    z = fast.change;
    let taken = fast;
    if (fast.value > c - delta * fast.away) {
      const { gradient } = yield* land.slopes(x);
      const plain = yield* shortened(x, gradient, fewer, (value, away) => value <= c - delta * away);
      if (plain.value < fast.value) taken = plain;
    }
    const kept = land.trim(taken.change);
    if (taken === fast) z = kept;
    const last = margin;
    margin = kept === taken.change ? taken.margin : yield* land.margin(kept);
    [before, x] = [x, kept];
    anchor = { at: y, gradient: slopes.gradient };
    [earlier, t] = [t, (1 + Math.sqrt(1 + 4 * t * t)) / 2];
    c = (eta * q * c + objective(margin, x)) / (eta * q + 1);
    q = eta * q + 1;
    if (k + 1 >= steps && Math.abs(last - margin) < settled) calm++;
  }
  return { change: x, margin };

  /** The proximal step from a point, shortened until it is good enough. */
  function* shortened(
    from: Float32Array,
    gradient: Float32Array,
    times: number,
    isEnough: (value: number, away: number) => boolean,
  ) {
    let step = anchor ? stepBetween(from, gradient, anchor) : firstStep;
    for (let i = 1; ; i++) {
      const change = land.prox(
        from.map((value, at) => value - step * gradient[at]!),
        step,
      );
      const found = yield* land.margin(change);
      const value = objective(found, change);
      const away = change.reduce((sum, p, at) => sum + (p - from[at]!) ** 2, 0);
      if (i === times || isEnough(value, away)) return { change, margin: found, value, away };
      step *= rho;
    }
  }
}

/** x + a (z - x) + b (x - before). */
const ahead = (x: Float32Array, z: Float32Array, before: Float32Array, a: number, b: number): Float32Array =>
  x.map((value, i) => value + a * (z[i]! - value) + b * (value - before[i]!));

/** Barzilai and Borwein's step between two points. */
function stepBetween(
  at: Float32Array,
  gradient: Float32Array,
  other: { readonly at: Float32Array; readonly gradient: Float32Array },
): number {
  let [along, square] = [0, 0];
  for (let i = 0; i < at.length; i++) {
    const bend = gradient[i]! - other.gradient[i]!;
    along += (at[i]! - other.at[i]!) * bend;
    square += bend * bend;
  }
  // no curvature, or one that bends away
  return along > 0 && square > 1e-20 ? along / square : firstStep;
}
