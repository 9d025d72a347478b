/** L-BFGS: descent on a smooth function of many numbers, with curvature remembered from its last steps. */
import { heed } from '../../heed.js';

/** The value at `point`; the gradient is written to `gradient`. */
export type SmoothFunction = (point: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  readonly steps: number;
  /** Ends where no element of the gradient is larger. */
  readonly tolerance: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly steps: number;
  /** Whether the gradient is within the tolerance. */
  readonly converged: boolean;
}

/** Steps that curvature is remembered from. */
const memory = 10;

interface Curvature {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly product: number;
}

/**
 * Liu, Nocedal, On the limited memory BFGS method for large scale optimization (1989). Steps satisfy the weak conditions of Wolfe, found by
 * halving and doubling: Lewis, Overton, Nonsmooth optimization via quasi-Newton methods (2013).
 */
export async function lbfgs(f: SmoothFunction, start: Float64Array, options: LbfgsOptions): Promise<Minimum> {
  let point: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(start.length);
  let value = f(point, gradient);
  let past: Curvature[] = [];
  for (let steps = 0; ; steps++) {
    if (steps % 16 === 0) await heed(options.signal);
    const converged = largest(gradient) <= options.tolerance;
    if (converged || steps >= options.steps) return { point, value, steps, converged };
    const direction = descent(gradient, past);
    const first = past.length > 0 ? 1 : Math.min(1, 1 / sumOfMagnitudes(gradient));
    const found = search(f, point, value, gradient, direction, first);
    if (!found) {
      if (past.length === 0) return { point, value, steps, converged };
      // what is remembered no longer fits: once more along the gradient
      past = [];
      continue;
    }
    const step = found.point.map((x, i) => x - point[i]!);
    const change = found.gradient.map((g, i) => g - gradient[i]!);
    past = [...past.slice(1 - memory), { step, change, product: dot(step, change) }];
    ({ point, value, gradient } = found);
  }
}

/** Less the remembered inverse curvature times the gradient, by the recursion of two loops. */
function descent(gradient: Float64Array, past: readonly Curvature[]): Float64Array {
  const q = gradient.map((g) => -g);
  const weights = new Float64Array(past.length);
  for (let k = past.length - 1; k >= 0; k--) {
    const { step, change, product } = past[k]!;
    weights[k] = dot(step, q) / product;
    addTo(q, change, -weights[k]!);
  }
  const last = past.at(-1);
  if (last) {
    const scale = last.product / dot(last.change, last.change);
    for (let i = 0; i < q.length; i++) q[i]! *= scale;
  }
  for (const [k, { step, change, product }] of past.entries()) addTo(q, step, weights[k]! - dot(change, q) / product);
  return q;
}

/** Undefined where no step along `direction` lowers the value as its slope promises. */
function search(
  f: SmoothFunction,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  first: number,
): { point: Float64Array; value: number; gradient: Float64Array } | undefined {
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return undefined;
  let [low, high, size] = [0, Number.POSITIVE_INFINITY, first];
  for (let trial = 0; trial < 40; trial++) {
    const next = point.map((x, i) => x + size * direction[i]!);
    const nextGradient = new Float64Array(point.length);
    const reached = f(next, nextGradient);
    if (!(reached <= value + 1e-4 * size * slope)) high = size;
    else if (dot(nextGradient, direction) < 0.9 * slope) low = size;
    else return { point: next, value: reached, gradient: nextGradient };
    size = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * low;
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addTo(target: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * x[i]!;
}

const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const sumOfMagnitudes = (x: Float64Array): number => x.reduce((sum, value) => sum + Math.abs(value), 0);
