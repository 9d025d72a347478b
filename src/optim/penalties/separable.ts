/** Penalties that are a sum of one function of each element, and their exact minimum over a box. */
import { type EmittedScalar, emitSeparable } from './emit-separable.js';
import { type Box, clip, each, type Penalty, type StepSize } from './penalty.js';

/** g of one number: even, 0 at 0, not decreasing away from it, and on either side of 0 convex or concave. */
export interface Scalar {
  value(p: number): number;
  /** The minimiser of 1/2 (p - z)^2 + t g(p) over all numbers; 0 at a tie, NaN for NaN. */
  free(z: number, t: number): number;
  /** Where g is not convex: the local minimiser above 0 for a z above 0, global or not; NaN where there is none. */
  local?(z: number, t: number): number;
  readonly emitted: EmittedScalar;
}

/** The penalty sum of g(x_i); the minimum over a box is the global one for every g, convex or not. */
export function separable(name: string, scalar: Scalar): Required<Penalty> {
  return {
    name,
    value(x) {
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum += scalar.value(x[i] as number);
      return sum;
    },
    prox(z, step, box, out = new Float32Array(z.length)) {
      if (box) return proxInBox(scalar, z, step, box, out);
      for (let i = 0; i < z.length; i++) out[i] = scalar.free(z[i] as number, each(step, i));
      return out;
    },
    emitProx: (g, z, step, box) => emitSeparable(scalar.emitted, g, z, step, box),
  };
}

function proxInBox(scalar: Scalar, z: Float32Array, step: StepSize, box: Box, out: Float32Array): Float32Array {
  const { lower, upper } = box;
  for (let i = 0; i < z.length; i++) {
    const low = each(lower, i);
    const high = each(upper, i);
    const t = each(step, i);
    const free = scalar.free(z[i] as number, t);
    const found = (free >= low && free <= high) || Number.isNaN(free);
    if (found) out[i] = free;
    else out[i] = scalar.local ? leastInBox(scalar, z[i] as number, t, low, high) : clip(free, low, high);
  }
  return out;
}

/** Where g is concave on either side of 0, the least is at 0, at the local minimum or at an end of the box. */
function leastInBox(scalar: Scalar, z: number, t: number, low: number, high: number): number {
  if (z < 0) return 0 - leastInBox(scalar, 0 - z, t, 0 - high, 0 - low);
  const cost = (p: number): number => 0.5 * (p - z) ** 2 + t * scalar.value(p);
  let best = low <= 0 && high >= 0 ? 0 : clip(z, low, high);
  let least = cost(best);
  for (const p of [low, high, scalar.local?.(z, t) as number]) {
    if (!(p >= low && p <= high)) continue;
    const at = cost(p);
    if (at < least) [best, least] = [p, at];
  }
  return best;
}
