/** Gradient rules of activation functions. At a kink the derivative from the left, unless a rule says otherwise. */
import { floatAttr, stringAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { pointwise } from './flow.js';
import { isTrue, negativePart, positive, stepSlope } from './masks.js';
import type { OpDef } from './op.js';
import { binary, elementwise } from './rule.js';
import type { Tape } from './tape.js';

// from y, which is at hand: a convolution in front can still be fused with its activation
export const Relu = elementwise((g, dy, _x, y) => g.mul(dy, positive(g, y)));

export const LeakyRelu = elementwise((g, dy, x, _y, node) => {
  const alpha = floatAttr(node, 'alpha', 0.01);
  const mask = positive(g, x);
  const low = g.num(x, alpha);
  const isRaised = alpha >= 0 && alpha <= 1;
  return g.mul(dy, isRaised ? g.op('Clip', [mask, low]) : g.add(g.mul(mask, g.num(x, 1 - alpha)), low));
});

export const PRelu = binary((g, dy, x, slope) => {
  const factor = g.add(g.mul(positive(g, x), g.sub(g.num(x, 1), slope)), slope);
  return [g.mul(dy, factor), g.mul(dy, negativePart(g, x))];
});

export const Elu = elementwise((g, dy, x, _y, node) =>
  g.mul(dy, exponentialUnit(g, x, { height: floatAttr(node, 'alpha', 1) })),
);

export const Selu = elementwise((g, dy, x, _y, node) => {
  const gamma = floatAttr(node, 'gamma', 1.050701);
  return g.mul(dy, exponentialUnit(g, x, { height: gamma * floatAttr(node, 'alpha', 1.6732632), slope: gamma }));
});

export const Celu = elementwise((g, dy, x, _y, node) =>
  g.mul(dy, exponentialUnit(g, x, { width: floatAttr(node, 'alpha', 1) })),
);

/** `slope` for x > 0, else height exp(x / width). */
function exponentialUnit(g: Tape, x: Value, { height = 1, width = 1, slope = 1 }): Value {
  const below = negativePart(g, x);
  const tail = g.op('Exp', [width === 1 ? below : g.div(below, g.num(x, width))]);
  const scaled = height === 1 ? tail : g.mul(tail, g.num(x, height));
  return height === slope ? scaled : g.add(scaled, g.mul(positive(g, x), g.num(x, slope - height)));
}

export const Sigmoid = elementwise((g, dy, _x, y) => g.mul(dy, bell(g, y)));

/** Between its bounds; steps let nothing through. */
export const HardSigmoid: OpDef = {
  flow: pointwise,
  vjp(g, [dy], node) {
    const y = node.outputs[0] as Value;
    const alpha = floatAttr(node, 'alpha', 0.2);
    if (Math.abs(alpha) >= stepSlope) return [null];
    return [g.mul(g.mul(dy as Value, g.num(y, alpha)), inside(g, y, y))];
  },
};

/** x h(x) with h(x) = clip(x / 6 + 1/2, 0, 1); on its two kinks the outer derivative. */
export const HardSwish = elementwise((g, dy, x) => {
  const h = g.op('HardSigmoid', [x], { alpha: { kind: 'float', value: 1 / 6 }, beta: { kind: 'float', value: 0.5 } });
  const slope = g.mul(g.mul(x, g.num(x, 1 / 6)), inside(g, h, x));
  return g.mul(dy, g.add(h, slope));
});

export const Softplus = elementwise((g, dy, x) => g.mul(dy, g.op('Sigmoid', [x])));

export const Softsign = elementwise((g, dy, x) => {
  const size = g.add(g.op('Abs', [x]), g.num(x, 1));
  return g.div(g.div(dy, size), size);
});

export const Gelu = elementwise((g, dy, x, y, node) =>
  g.mul(dy, stringAttr(node, 'approximate', 'none') === 'tanh' ? tanhGelu(g, x, y) : erfGelu(g, x)),
);

/** (1 + erf(s)) / 2 + s exp(-s^2) / sqrt(pi) with s = x / sqrt(2); the half of the erf by a HardSigmoid, in one pass. */
function erfGelu(g: Tape, x: Value): Value {
  const s = g.mul(x, g.num(x, Math.SQRT1_2));
  const density = g.mul(g.mul(s, g.num(x, 1 / Math.sqrt(Math.PI))), g.op('Exp', [g.neg(g.mul(s, s))]));
  const half = { kind: 'float', value: 0.5 } as const;
  return g.add(g.op('HardSigmoid', [g.op('Erf', [s])], { alpha: half, beta: half }), density);
}

/** y = x s with s = sigmoid(w) and w = a x + b x^3, so y' = s + y (1 - s) w'. */
function tanhGelu(g: Tape, x: Value, y: Value): Value {
  const a = 2 * Math.sqrt(2 / Math.PI);
  const factor = g.add(g.mul(g.mul(x, x), g.num(x, 0.044715 * a)), g.num(x, a));
  const gate = g.op('Sigmoid', [g.mul(x, factor)]);
  const steepness = g.sub(g.mul(factor, g.num(x, 3)), g.num(x, 2 * a));
  return g.add(gate, g.mul(g.mul(y, steepness), g.sub(g.num(x, 1), gate)));
}

/** x w with w = tanh(softplus(x)) = n / (n + 2), n = e^2 + 2 e, e = exp(x): Softplus itself is slow. */
export const Mish = elementwise((g, dy, x) => {
  const [one, two] = [g.num(x, 1), g.num(x, 2)];
  // beyond the limit w is 1 to the last bit, and n would overflow
  const e = g.op('Exp', [g.op('Clip', [x, null, g.num(x, g.dtype(x) === 'float16' ? 5 : 20)])]);
  const n = g.mul(e, g.add(e, two));
  const w = g.div(n, g.add(n, two));
  const bend = g.mul(g.op('Sigmoid', [x]), g.mul(g.sub(one, w), g.add(one, w)));
  return g.mul(dy, g.add(w, g.mul(x, bend)));
});

export const ThresholdedRelu = elementwise((g, dy, x, _y, node) =>
  g.mul(dy, isTrue(g, 'Greater', x, g.num(x, floatAttr(node, 'alpha', 1)), x)),
);

export const Shrink = elementwise((g, dy, x, _y, node) =>
  g.mul(dy, isTrue(g, 'Greater', g.op('Abs', [x]), g.num(x, floatAttr(node, 'lambd', 0.5)), x)),
);

/** y (1 - y). */
const bell = (g: Tape, y: Value, like: Value = y): Value => g.mul(y, g.sub(g.num(like, 1), y));

/** 1 where 0 < y < 1, else 0. */
const inside = (g: Tape, y: Value, like: Value): Value => positive(g, bell(g, y, like), like);
