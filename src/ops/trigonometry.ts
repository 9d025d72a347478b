/** Gradient rules of trigonometric and hyperbolic functions. */
import type { Value } from '../ir/types.js';
import { reciprocalOrZero } from './masks.js';
import { elementwise } from './rule.js';
import type { Tape } from './tape.js';

export const Sin = elementwise((g, dy, x) => g.mul(dy, g.op('Cos', [x])));
export const Cos = elementwise((g, dy, x) => g.neg(g.mul(dy, g.op('Sin', [x]))));
export const Tan = elementwise((g, dy, x, y) => g.mul(dy, g.add(g.mul(y, y), g.num(x, 1))));

/** At -1 and 1, where the derivative is infinite, 0; so too Acos. */
export const Asin = elementwise((g, dy, x) => g.mul(dy, reciprocalOrZero(g, root(g, oneMinusSquare(g, x)), x)));
export const Acos = elementwise((g, dy, x) => g.neg(g.mul(dy, reciprocalOrZero(g, root(g, oneMinusSquare(g, x)), x))));
export const Atan = elementwise((g, dy, x) => g.div(dy, onePlusSquare(g, x)));

export const Sinh = elementwise((g, dy, x) => g.mul(dy, g.op('Cosh', [x])));
export const Cosh = elementwise((g, dy, x) => g.mul(dy, g.op('Sinh', [x])));
export const Tanh = elementwise((g, dy, _x, y) => g.mul(dy, g.sub(g.num(y, 1), g.mul(y, y))));
export const Asinh = elementwise((g, dy, x) => g.div(dy, root(g, onePlusSquare(g, x))));

/** At 1, where the derivative is infinite, 0. */
export const Acosh = elementwise((g, dy, x) => {
  const one = g.num(x, 1);
  // two roots: the product of their squares overflows
  return g.mul(dy, reciprocalOrZero(g, g.mul(root(g, g.sub(x, one)), root(g, g.add(x, one))), x));
});

export const Atanh = elementwise((g, dy, x) => g.div(dy, oneMinusSquare(g, x)));

const root = (g: Tape, x: Value): Value => g.op('Sqrt', [x]);

const onePlusSquare = (g: Tape, x: Value): Value => g.add(g.mul(x, x), g.num(x, 1));

/** As (1 - x)(1 + x), which is exact to the last bit near the poles. */
function oneMinusSquare(g: Tape, x: Value): Value {
  const one = g.num(x, 1);
  return g.mul(g.sub(one, x), g.add(one, x));
}
