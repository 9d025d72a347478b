/** Gradient rules of elementwise arithmetic. */
import type { Value } from '../ir/types.js';
import { pointwise } from './flow.js';
import { reciprocalOrZero, sign } from './masks.js';
import type { OpDef } from './op.js';
import { powerOfBase, powerOfExponent } from './power.js';
import { binary, elementwise } from './rule.js';

export const Add = binary((_g, dy) => [dy, dy]);
export const Sub = binary((g, dy) => [dy, g.neg(dy)]);
export const Mul = binary((g, dy, a, b) => [g.mul(dy, b), g.mul(dy, a)]);
export const Div = binary((g, dy, _a, b, y) => [g.div(dy, b), g.neg(g.div(g.mul(dy, y), b))]);
export const Neg = elementwise((g, dy) => g.neg(dy));
export const Pow = binary((g, dy, x, p, y) => [powerOfBase(g, dy, x, p, y), powerOfExponent(g, dy, x, p, y)]);

/** a - b trunc(a / b); between the jumps the quotient is constant. */
export const Mod = binary((g, dy, a, b, y) => [dy, g.neg(g.mul(dy, g.div(g.sub(a, y), b)))]);

export const Sum: OpDef = {
  flow: pointwise,
  vjp: (g, [dy], { inputs, outputs }) => toEach(inputs, (x) => g.unbroadcast(dy!, outputs[0]!, x)),
};

export const Mean: OpDef = {
  flow: pointwise,
  vjp(g, [dy], { inputs, outputs }) {
    const share = g.mul(dy!, g.num(outputs[0]!, 1 / inputs.length));
    return toEach(inputs, (x) => g.unbroadcast(share, outputs[0]!, x));
  },
};

/** At 0 the subgradient 0. */
export const Abs = elementwise((g, dy, x) => g.mul(dy, sign(g, x)));

/** At 0, where the derivative is infinite, 0. */
export const Sqrt = elementwise((g, dy, _x, y) => g.mul(g.mul(dy, g.num(y, 0.5)), reciprocalOrZero(g, y)));

export const Reciprocal = elementwise((g, dy, _x, y) => g.neg(g.mul(dy, g.mul(y, y))));
export const Exp = elementwise((g, dy, _x, y) => g.mul(dy, y));
export const Log = elementwise((g, dy, x) => g.div(dy, x));

export const Erf = elementwise((g, dy, x) =>
  g.mul(g.mul(dy, g.num(x, 2 / Math.sqrt(Math.PI))), g.op('Exp', [g.neg(g.mul(x, x))])),
);

const toEach = (inputs: readonly (Value | null)[], cotangent: (x: Value) => Value): readonly (Value | null)[] =>
  inputs.map((x) => x && cotangent(x));
