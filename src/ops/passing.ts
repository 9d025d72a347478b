/** Gradient rules of ops that hand their input on. */
import { unsupported } from '../errors.js';
import { describe } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { isFloat } from '../tensor/dtype.js';
import { dataOf } from '../tensor/tensor.js';
import { pointwise } from './flow.js';
import type { OpDef } from './op.js';
import { elementwise } from './rule.js';
import type { Tape } from './tape.js';

export const Identity = elementwise((_g, dy) => dy);

/** Rounding to another floating-point type counts as none. */
export const Cast: OpDef = {
  flow: pointwise,
  vjp(g, [dy], node) {
    const dtype = g.dtype(node.inputs[0] as Value);
    return [isFloat(dtype) ? g.cast(dy as Value, dtype) : null];
  },
};

export const CastLike: OpDef = Cast;

/** The identity at inference. In training the random mask has to be an output of the node: another run would draw another. */
export const Dropout: OpDef = {
  flow: pointwise,
  vjp(g, [dy], node) {
    const [, , training] = node.inputs;
    const mask = node.outputs[1];
    const stored = g.tensorOf(training);
    if (!training || (stored && Number(dataOf(stored)[0]) === 0)) return [dy];
    if (!mask) {
      throw unsupported(
        describe(node),
        "drops at random without saying what; name its output 'mask', or set training_mode to a constant false",
      );
    }
    const like = node.outputs[0] as Value;
    const kept = g.mul(dy as Value, g.cast(mask, g.dtype(like)));
    return [g.div(kept, oddsOfKeeping(g, node, training, like))];
  },
};

/** 1 - ratio in training, else 1. */
function oddsOfKeeping(g: Tape, { inputs }: Node, training: Value, like: Value): Value {
  const ratio = inputs[1];
  const dropped = g.mul(g.cast(training, g.dtype(like)), ratio ? g.cast(ratio, g.dtype(like)) : g.num(like, 0.5));
  return g.sub(g.num(like, 1), dropped);
}
