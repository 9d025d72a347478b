/** Gradient rules of ops that take each element from one of several inputs. */
import type { Node, Value } from '../ir/types.js';
import { pointwise } from './flow.js';
import { isTrue } from './masks.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

/** Equal inputs share the cotangent equally, as in ReduceMax: no order among the inputs is preferred. */
const extremum: OpDef = {
  flow: pointwise,
  vjp(g, [dy], { inputs, outputs }) {
    const y = outputs[0] as Value;
    const present = inputs.filter((x) => x !== null);
    if (present.length === 1) return [dy];
    const chosen = new Map(present.map((x) => [x, isTrue(g, 'Equal', x, y, y)]));
    const count = present.map((x) => chosen.get(x)!).reduce((a, b) => g.add(a, b));
    const share = g.div(dy!, count);
    return inputs.map((x) => x && g.unbroadcast(g.mul(share, chosen.get(x)!), y, x));
  },
};

export const Max = extremum;
export const Min = extremum;

/** On a bound the cotangent goes to x, outside to the bound; where the bounds cross, every element is `max`. */
export const Clip: OpDef = {
  flow: pointwise,
  vjp(g, [dy], node) {
    const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
    const [low, high] = [node.inputs[1] ?? null, node.inputs[2] ?? null];
    const inside = isTrue(g, 'Equal', x, y, x);
    const ofX = g.mul(dy!, inside);
    const ofLow = low && g.mul(dy!, belowBound(g, x, low, high));
    const outside = g.sub(dy!, ofX);
    return [
      ofX,
      low && ofLow && toScalar(g, ofLow, node, low),
      high && toScalar(g, ofLow ? g.sub(outside, ofLow) : outside, node, high),
    ];
  },
};

function belowBound(g: Tape, x: Value, low: Value, high: Value | null): Value {
  const below = isTrue(g, 'Less', x, low, x);
  return high ? g.mul(below, isTrue(g, 'LessOrEqual', low, high, x)) : below;
}

const toScalar = (g: Tape, d: Value, node: Node, bound: Value): Value => {
  const axes = Array.from({ length: g.rank(node.inputs[0] as Value) }, (_, i) => i);
  return g.reshapeAs(axes.length > 0 ? g.reduceSum(d, axes) : d, bound);
};

/** By masks: the op itself takes ten times as long as a product. */
export const Where: OpDef = {
  flow: pointwise,
  vjp(g, [dy], node) {
    const [condition, a, b] = node.inputs as [Value, Value, Value];
    const y = node.outputs[0] as Value;
    const part = (chosen: Value, x: Value): Value => g.unbroadcast(g.mul(dy!, g.cast(chosen, g.dtype(y))), y, x);
    return [null, part(condition, a), part(g.op('Not', [condition]), b)];
  },
};
