/** Functions of one element that the runtime has in float32 only, from those that it has in float64. */
import { floatAttr, intAttr, stringAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import type { Tape } from '../../ops/tape.js';
import { tensor } from '../../tensor/tensor.js';
import type { Equivalent } from './equivalent.js';
import { gaussLegendre } from './quadrature.js';

const of =
  (emit: (g: Tape, x: Value, node: Node) => Value): Equivalent =>
  (g, node) => [emit(g, node.inputs[0] as Value, node)];

const exp = (g: Tape, x: Value): Value => g.op('Exp', [x]);
const log = (g: Tape, x: Value): Value => g.op('Log', [x]);
const where = (g: Tape, is: Value, a: Value, b: Value): Value => g.op('Where', [is, a, b]);
const isPositive = (g: Tape, x: Value, like = x): Value => g.op('Greater', [x, g.num(like, 0)]);

/** What the runtime gives in float32, for Newton's method to start from: one step doubles its digits. */
const single = (g: Tape, op: string, x: Value): Value => g.cast(g.op(op, [g.cast(x, 'float32')]), 'float64');

export const Atan = of((g, x) => {
  const y = single(g, 'Atan', x);
  const cos = g.op('Cos', [y]);
  return g.sub(y, g.mul(g.sub(g.op('Sin', [y]), g.mul(x, cos)), cos));
});

export const Asin = of((g, x) => {
  const y = single(g, 'Asin', x);
  return g.sub(y, g.div(g.sub(g.op('Sin', [y]), x), g.op('Cos', [y])));
});

export const Acos = of((g, x) => {
  const y = single(g, 'Acos', x);
  return g.add(y, g.div(g.sub(g.op('Cos', [y]), x), g.op('Sin', [y])));
});

export const Asinh = of((g, x) => {
  const size = g.op('Abs', [x]);
  const root = g.op('Sqrt', [g.add(g.mul(x, x), g.num(x, 1))]);
  return g.mul(g.op('Sign', [x]), log(g, g.add(size, root)));
});

export const Acosh = of((g, x) => log(g, g.add(x, g.op('Sqrt', [g.sub(g.mul(x, x), g.num(x, 1))]))));

export const Atanh = of((g, x) => g.mul(log(g, g.div(g.add(g.num(x, 1), x), g.sub(g.num(x, 1), x))), g.num(x, 0.5)));

const halfOf = (g: Tape, x: Value, combine: 'Add' | 'Sub'): Value =>
  g.mul(g.op(combine, [exp(g, x), exp(g, g.neg(x))]), g.num(x, 0.5));

export const Sinh = of((g, x) => halfOf(g, x, 'Sub'));
export const Cosh = of((g, x) => halfOf(g, x, 'Add'));
export const Tan = of((g, x) => g.div(g.op('Sin', [x]), g.op('Cos', [x])));

export const Erf = of((g, x) => erf(g, x, x));

/** Beyond this the error function is 1 to the last digit. */
const erfBound = 6;

/** 2 / sqrt(pi) x times the integral of exp(-x^2 t^2) over t in [0, 1]. @param like gives the element type */
function erf(g: Tape, x: Value, like: Value): Value {
  const { nodes, weights } = gaussLegendre(40);
  const bounded = g.op('Max', [g.op('Min', [x, g.num(like, erfBound)]), g.num(like, -erfBound)]);
  const exponents = g.constant(
    tensor(
      'float64',
      [nodes.length],
      Float64Array.from(nodes, (t) => -t * t),
    ),
  );
  const factors = g.constant(tensor('float64', [nodes.length, 1], Float64Array.from(weights)));
  const values = exp(g, g.mul(g.unsqueeze(g.mul(bounded, bounded), [-1]), exponents));
  return g.mul(g.mul(bounded, g.num(like, 2 / Math.sqrt(Math.PI))), g.squeeze(g.matmul(values, factors), [-1]));
}

export const Gelu = of((g, x, node) => {
  const gate =
    stringAttr(node, 'approximate', 'none') === 'tanh'
      ? g.op('Tanh', [
          g.mul(g.add(x, g.mul(g.mul(x, g.mul(x, x)), g.num(x, 0.044715))), g.num(x, Math.sqrt(2 / Math.PI))),
        ])
      : erf(g, g.mul(x, g.num(x, Math.SQRT1_2)), x);
  return g.mul(g.mul(x, g.num(x, 0.5)), g.add(gate, g.num(x, 1)));
});

const softplus = (g: Tape, x: Value): Value =>
  g.add(g.op('Max', [x, g.num(x, 0)]), log(g, g.add(exp(g, g.neg(g.op('Abs', [x]))), g.num(x, 1))));

export const Softplus = of(softplus);
export const Mish = of((g, x) => g.mul(x, g.op('Tanh', [softplus(g, x)])));
export const Softsign = of((g, x) => g.div(x, g.add(g.op('Abs', [x]), g.num(x, 1))));

/** max(0, min(1, alpha x + beta)) */
const ramp = (g: Tape, x: Value, alpha: number, beta: number): Value =>
  g.op('Max', [g.op('Min', [g.add(g.mul(x, g.num(x, alpha)), g.num(x, beta)), g.num(x, 1)]), g.num(x, 0)]);

export const HardSigmoid = of((g, x, node) =>
  ramp(g, x, floatAttr(node, 'alpha', Math.fround(0.2)), floatAttr(node, 'beta', 0.5)),
);
export const HardSwish = of((g, x) => g.mul(x, ramp(g, x, 1 / 6, 0.5)));

export const LeakyRelu = of((g, x, node) =>
  where(g, isPositive(g, x), x, g.mul(x, g.num(x, floatAttr(node, 'alpha', Math.fround(0.01))))),
);

export const PRelu: Equivalent = (g, node) => {
  const [x, slope] = node.inputs as [Value, Value];
  return [where(g, isPositive(g, x), x, g.mul(x, slope))];
};

/** x where positive, below alpha (exp(x / reach) - 1). */
const exponential = (g: Tape, x: Value, alpha: number, reach = 1): Value =>
  where(g, isPositive(g, x), x, g.mul(g.sub(exp(g, g.div(x, g.num(x, reach))), g.num(x, 1)), g.num(x, alpha)));

export const Elu = of((g, x, node) => exponential(g, x, floatAttr(node, 'alpha', 1)));
export const Celu = of((g, x, node) => exponential(g, x, floatAttr(node, 'alpha', 1), floatAttr(node, 'alpha', 1)));
export const Selu = of((g, x, node) => {
  const alpha = floatAttr(node, 'alpha', Math.fround(1.6732632423543772));
  const gamma = floatAttr(node, 'gamma', Math.fround(1.0507009873554805));
  return g.mul(exponential(g, x, alpha), g.num(x, gamma));
});

export const ThresholdedRelu = of((g, x, node) =>
  where(g, g.op('Greater', [x, g.num(x, floatAttr(node, 'alpha', 1))]), x, g.num(x, 0)),
);

/** The runtime has a float64 kernel for this one, which computes in float32. */
export const Shrink = of((g, x, node) => {
  const [bound, bias] = [floatAttr(node, 'lambd', 0.5), floatAttr(node, 'bias', 0)];
  const above = g.op('Greater', [x, g.num(x, bound)]);
  const below = g.op('Less', [x, g.num(x, -bound)]);
  const inner = where(g, below, g.add(x, g.num(x, bias)), g.num(x, 0));
  return where(g, above, g.sub(x, g.num(x, bias)), inner);
});

export const Mean: Equivalent = (g, node) => {
  const inputs = node.inputs as readonly Value[];
  const sum = inputs.reduce((a, b) => g.add(a, b));
  return [g.div(sum, g.num(inputs[0] as Value, inputs.length))];
};

export const OneHot: Equivalent = (g, node) => {
  const [indices, depth, values] = node.inputs as [Value, Value, Value];
  const bits = g.op('OneHot', [g.cast(indices, 'int64'), g.cast(depth, 'int64'), g.ints([0, 1])], {
    axis: intAttr(node, 'axis', -1),
  });
  const [off, on] = [0, 1].map((i) => g.op('Gather', [values, g.ints([i])])) as [Value, Value];
  return [where(g, g.cast(bits, 'bool'), on, off)];
};

export const Hardmax: Equivalent = (g, node) => {
  const x = node.inputs[0] as Value;
  const axis = intAttr(node, 'axis', -1);
  const winners = g.op('ArgMax', [x], { axis, keepdims: 0 });
  const size = g.op('Gather', [g.shapeOf(x), g.ints([axis])]);
  return [g.cast(g.op('OneHot', [winners, size, g.ints([0, 1])], { axis }), 'float64')];
};
