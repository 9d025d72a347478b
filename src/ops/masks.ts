/** Masks of 0 and 1, signs and reciprocals for gradient rules: fast, and finite where the forward pass is. */
import type { Value } from '../ir/types.js';
import type { Tape } from './tape.js';

/** The slope from which a HardSigmoid is a step; its rule lets nothing through. */
export const stepSlope = 1e38;

const steep = { kind: 'float', value: 3e38 } as const;

/** 1 where x > 0, else 0, in the type of `x`; `like` has that type where `x` was emitted. */
export function positive(g: Tape, x: Value, like: Value = x): Value {
  // Greater and Cast take longer, but in half precision the slope would overflow, and float64 has no HardSigmoid
  if (g.dtype(like) === 'float32') return g.op('HardSigmoid', [x], { alpha: steep, beta: { kind: 'float', value: 0 } });
  return isTrue(g, 'Greater', x, g.num(like, 0), like);
}

/** -1, 0 or 1 in the type of `x`. */
export function sign(g: Tape, x: Value): Value {
  if (g.dtype(x) === 'float32') {
    const share = g.op('HardSigmoid', [x], { alpha: steep, beta: { kind: 'float', value: 0.5 } });
    return g.sub(g.mul(share, g.num(x, 2)), g.num(x, 1));
  }
  const zero = g.num(x, 0);
  return g.sub(isTrue(g, 'Greater', x, zero, x), isTrue(g, 'Less', x, zero, x));
}

/** 1 where the comparison holds, else 0, in the type of `like`. */
export const isTrue = (
  g: Tape,
  comparison: 'Greater' | 'Less' | 'Equal' | 'LessOrEqual',
  a: Value,
  b: Value,
  like: Value,
): Value => g.cast(g.op(comparison, [a, b]), g.dtype(like));

/** 1 / x for x > 0, and 0 for x = 0: how a root's derivative is continued to its pole. */
export function reciprocalOrZero(g: Tape, x: Value, like: Value = x): Value {
  return g.div(positive(g, x, like), g.op('Clip', [x, smallest(g, like)]));
}

/** The smallest positive number of full precision; float32's in float64. */
const smallest = (g: Tape, like: Value): Value => g.num(like, g.dtype(like) === 'float16' ? 2 ** -14 : 2 ** -126);

/** min(x, 0); Min itself is slow. */
export const negativePart = (g: Tape, x: Value): Value => g.op('Clip', [x, null, g.num(x, 0)]);
