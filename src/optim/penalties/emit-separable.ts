/** The prox of a sum of one function of each element, as nodes: the exact minimum over a box, as on arrays. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { emitClip } from './emit-clip.js';
import type { Limits } from './penalty.js';

/** g of one number as nodes: convex, or concave on either side of 0. */
export type EmittedScalar = Convex | Concave;

interface Convex {
  /** The minimiser over all numbers. */
  free(g: Builder, z: Value, t: Value): Value;
}

interface Concave {
  /** Of numbers that are not negative. */
  value(g: Builder, p: Value): Value;
  /** For a not negative: the local minimiser above 0, any finite number where there is none. */
  local(g: Builder, a: Value, t: Value): Value;
}

export function emitSeparable(scalar: EmittedScalar, g: Builder, z: Value, t: Value, box?: Limits): Value {
  if ('free' in scalar) return emitClip(g, scalar.free(g, z, t), box);
  const zero = g.scalar(0);
  const isNegative = g.op('Less', [z, zero]);
  const mirrored = (x: Value, other: Value): Value => g.op('Where', [isNegative, g.sub(zero, other), x]);
  const limits = box && { lower: mirrored(box.lower, box.upper), upper: mirrored(box.upper, box.lower) };
  const p = emitLeast(scalar, g, g.op('Abs', [z]), t, limits);
  // 0 - p and not -p, which would make -0 of 0
  return mirrored(p, p);
}

/**
 * For a not negative the minimum lies at the box's nearest point to 0 or at its nearest to the local minimum; of the two, the latter
 * if it is better. Where there is no local minimum the costs rise, so that no point is better than the nearest to 0.
 */
function emitLeast({ value, local }: Concave, g: Builder, a: Value, t: Value, box?: Limits): Value {
  const [zero, half] = [g.scalar(0), g.scalar(0.5)];
  const q = local(g, a, t);
  if (!box) {
    const saved = g.mul(q, g.sub(a, g.mul(q, half)));
    return g.op('Where', [g.op('LessOrEqual', [saved, g.mul(t, value(g, q))]), zero, q]);
  }
  const nearest = emitClip(g, zero, box);
  const other = g.op('Min', [g.op('Max', [q, nearest]), box.upper]);
  const saved = g.mul(g.sub(other, nearest), g.sub(a, g.mul(g.add(other, nearest), half)));
  // in a box below 0 both are its end, whatever g is there
  const rise = g.mul(t, g.sub(value(g, other), value(g, nearest)));
  return g.op('Where', [g.op('LessOrEqual', [saved, rise]), nearest, other]);
}
