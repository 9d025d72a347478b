/** The two derivatives of x^p, finite wherever x^p is. */
import type { Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { isFloat } from '../tensor/dtype.js';
import { dataOf } from '../tensor/tensor.js';
import { reciprocalOrZero } from './masks.js';
import type { Tape } from './tape.js';

/** Cotangent of the base, in the shape of y. At x = 0 it is 0 for 0 < p < 1, where the derivative is infinite. */
export function powerOfBase(g: Tape, dy: Value, x: Value, p: Value, y: Value): Value | null {
  const power = g.dtype(p) === g.dtype(x) ? p : g.cast(p, g.dtype(x));
  const known = constantExponent(g, p);
  if (known === 0) return null;
  if (known === 1) return dy;
  return g.mul(dy, g.mul(factor(g, x, power, known, y), power));
}

/** x^(p - 1), by a product where there is one. */
function factor(g: Tape, x: Value, power: Value, known: number | undefined, y: Value): Value {
  if (known === 2) return x;
  if (known === 3) return g.mul(x, x);
  if (known !== undefined && known < 0) return g.div(y, x);
  if (known !== undefined && known < 1) return g.mul(y, reciprocalOrZero(g, x));
  const one = g.num(x, 1);
  const exponent = g.sub(power, one);
  if (known !== undefined) return g.op('Pow', [x, exponent]);
  // at x = 0 the base becomes 1, and only p = 1 has a derivative other than 0
  const atZero = g.op('Equal', [x, g.num(x, 0)]);
  const isDead = g.op('And', [atZero, g.op('Not', [g.op('Equal', [power, one])])]);
  const slope = g.op('Pow', [g.op('Where', [atZero, one, x]), exponent]);
  return g.op('Where', [isDead, g.num(x, 0), slope]);
}

/**
 * Cotangent of the exponent, in the shape of y: dy y log(x). For x = 0 it is 0, the limit for p > 0; for x < 0, where only
 * whole exponents have a value, 0 as well.
 */
export function powerOfExponent(g: Tape, dy: Value, x: Value, p: Value, y: Value): Value | null {
  const dtype = g.dtype(p);
  if (!isFloat(dtype)) return null;
  const isPositive = g.op('Greater', [x, g.num(x, 0)]);
  const slope = g.mul(y, g.op('Log', [g.op('Where', [isPositive, x, g.num(x, 1)])]));
  const dp = g.mul(dy, slope);
  return dtype === g.dtype(x) ? dp : g.cast(dp, dtype);
}

/** The exponent where it is one constant number. */
function constantExponent(g: Tape, p: Value): number | undefined {
  const stored = g.tensorOf(p);
  if (!stored?.shape.every((size) => size === 1)) return undefined;
  return stored.dtype === 'float64' ? Number(dataOf(stored)[0]) : floatsOf(stored)[0];
}
