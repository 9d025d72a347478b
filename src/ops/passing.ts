/** Gradient rules of ops that hand their input on. */
import { unsupported } from '../errors.js';
import { describe } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { isFloat } from '../tensor/dtype.js';
import { dataOf } from '../tensor/tensor.js';
import type { OpDef } from './op.js';
import { unary } from './rule.js';

export const Identity = unary((_g, dy) => dy);

/** Rounding to another floating-point type counts as none. */
export const Cast: OpDef = {
  vjp(g, [dy], node) {
    const dtype = g.dtype(node.inputs[0] as Value);
    return [isFloat(dtype) ? g.cast(dy as Value, dtype) : null];
  },
};

export const CastLike: OpDef = Cast;

/** The identity at inference. In training the random mask has to be an output of the node, or the gradient would draw another. */
export const Dropout: OpDef = {
  vjp(g, [dy], node) {
    const [, ratio, training] = node.inputs;
    const [y, mask] = node.outputs;
    if (!training) return [dy];
    const stored = g.tensorOf(training);
    if (!stored)
      throw unsupported(describe(node), "expected a constant 'training_mode', got a computed one; fold it first");
    if (Number(dataOf(stored)[0]) === 0) return [dy];
    if (!mask) {
      throw unsupported(
        describe(node),
        "drops at random without saying what; name its output 'mask', or set training_mode to false",
      );
    }
    const kept = g.mul(dy as Value, g.cast(mask, g.dtype(y as Value)));
    const odds = ratio ? g.sub(g.num(ratio, 1), ratio) : g.num(y as Value, 0.5);
    const isSame = !ratio || g.dtype(ratio) === g.dtype(y as Value);
    return [g.div(kept, isSame ? odds : g.cast(odds, g.dtype(y as Value)))];
  },
};
