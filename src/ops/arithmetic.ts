/** Gradient rules of elementwise arithmetic. */
import { binary, unary } from './rule.js';

export const Add = binary((_g, dy) => [dy, dy]);
export const Sub = binary((g, dy) => [dy, g.neg(dy)]);
export const Mul = binary((g, dy, a, b) => [g.mul(dy, b), g.mul(dy, a)]);
export const Div = binary((g, dy, _a, b, y) => [g.div(dy, b), g.neg(g.div(g.mul(dy, y), b))]);
export const Neg = unary((g, dy) => g.neg(dy));
