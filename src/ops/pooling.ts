/** Gradient rules of pools, and of the normalisation over neighbouring channels. */
import { floatAttr, intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { sizeOf } from '../tensor/dtype.js';
import { acrossChannels, pool } from './flow-channels.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import type { OpDef } from './op.js';
import { counts, poolWindow, sumBack } from './pool-adjoint.js';
import { unary } from './rule.js';
import type { Tape } from './tape.js';
import { spatialSizes } from './window.js';

export { RoiAlign } from './roi-align.js';
export { MaxRoiPool } from './roi-pool.js';

export const MaxPool: OpDef = { flow: pool, vjp: (g, [dy], node) => [dy && maxPoolGradient(g, dy, node)] };

export const AveragePool = unary((g, dy, _x, _y, node) => {
  const window = poolWindow(g, node);
  return sumBack(g, g.div(dy, counts(g, node, window, dy)), node, window);
}, pool);

export const LpPool = unary((g, dy, x, y, node) => {
  const p = intAttr(node, 'p', 2);
  return g.mul(slope(g, x, p), sumBack(g, perNorm(g, dy, x, y, p), node, poolWindow(g, node)));
}, pool);

export const GlobalAveragePool = unary((g, dy, x) => {
  const sizes = spatialSizes(g, x);
  const count = sizes ? g.num(x, sizeOf(sizes)) : g.cast(g.div(g.op('Size', [x]), g.op('Size', [dy])), g.dtype(x));
  return g.op('Expand', [g.div(dy, count), g.shapeOf(x)]);
}, pool);

/** Equal maxima share the cotangent, as in ReduceMax: the runtime gives no index here that a first one would have to agree with. */
export const GlobalMaxPool = unary((g, dy, x, y) => {
  const isMaximum = g.cast(g.op('Equal', [x, y]), g.dtype(x));
  const axes = g.dims(x).flatMap((_, i) => (i > 1 ? [i] : []));
  return g.mul(isMaximum, g.div(dy, g.reduceSum(isMaximum, axes, true)));
}, pool);

export const GlobalLpPool = unary((g, dy, x, y, node) => {
  const p = intAttr(node, 'p', 2);
  return g.mul(slope(g, x, p), perNorm(g, dy, x, y, p));
}, pool);

/** The derivative of |x|^p / p; 0 at 0 for p = 1 too. */
function slope(g: Tape, x: Value, p: number): Value {
  if (p === 2) return x;
  if (p % 2 === 0) return g.op('Pow', [x, g.num(x, p - 1)]);
  const size = g.op('Abs', [x]);
  if (p === 1) return g.div(x, nonzero(g, x, size));
  return g.mul(x, p === 3 ? size : g.op('Pow', [size, g.num(x, p - 2)]));
}

/** dy y^(1 - p). Where the norm is 0 so is every slope under it: any finite factor gives the subgradient 0. */
function perNorm(g: Tape, dy: Value, x: Value, y: Value, p: number): Value {
  if (p === 1) return dy;
  const norm = nonzero(g, x, y);
  return g.div(dy, p === 2 ? norm : g.op('Pow', [norm, g.num(x, p - 1)]));
}

/** `value` with 1 in the place of 0. */
const nonzero = (g: Tape, x: Value, value: Value): Value =>
  g.add(value, g.cast(g.op('Equal', [value, g.num(x, 0)]), g.dtype(x)));

/** Places that hold no input have no gradient; the indices name those that do. */
export const MaxUnpool: OpDef = {
  vjp(g, [dy], node) {
    const [x, indices] = node.inputs as [Value, Value];
    const flat = (value: Value): Value => g.reshape(value, [-1]);
    return [g.reshapeAs(g.op('GatherElements', [flat(dy as Value), flat(indices)], { axis: 0 }), x)];
  },
};

/** y = x s^-beta, s = bias + alpha / size * (sum of x^2 over neighbouring channels). */
export const LRN = unary((g, dy, x, y, node) => {
  const size = intAttr(node, 'size', 1);
  const [alpha, beta] = [floatAttr(node, 'alpha', 0.0001), floatAttr(node, 'beta', 0.75)];
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const squares = meanOverChannels(g, g.mul(x, x), x, size, before, after);
  const scale = g.add(g.mul(squares, g.num(x, alpha)), g.num(x, floatAttr(node, 'bias', 1)));
  const direct = g.mul(dy, g.op('Pow', [scale, g.num(x, -beta)]));
  const shared = meanOverChannels(g, g.div(g.mul(dy, y), scale), x, size, after, before);
  return g.sub(direct, g.mul(g.mul(x, g.num(x, 2 * alpha * beta)), shared));
}, acrossChannels);

/** Sums over a window of channels, divided by its whole size. */
function meanOverChannels(g: Tape, value: Value, x: Value, size: number, before: number, after: number): Value {
  const planes = g.unsqueeze(g.reshape(value, [0, 0, -1]), [1]);
  const means = g.op('AveragePool', [planes], {
    kernel_shape: [size, 1],
    pads: [before, 0, after, 0],
    count_include_pad: 1,
  });
  return g.reshapeAs(means, x);
}
