/** The activation functions that recurrent layers name in an attribute, with their slopes. */
import { unsupported } from '../errors.js';
import { describe } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Tape } from './tape.js';

export interface Activation {
  apply(g: Tape, x: Value): Value;
  /** The derivative at x, where y is the activation of x. */
  slope(g: Tape, x: Value, y: Value): Value;
}

type Make = (g: Tape, x: Value, alpha: number, beta: number) => Value;

interface Definition {
  /** Defaults; how many there are is how many values of activation_alpha and activation_beta it takes. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly apply: Make;
  readonly slope: (g: Tape, x: Value, y: Value, alpha: number, beta: number) => Value;
}

const single = (value: number) => ({ kind: 'float' as const, value });
// recurrent kernels exist for float32 only
const one = (g: Tape): Value => g.scalar(1);
const times = (g: Tape, x: Value, factor: number): Value => (factor === 1 ? x : g.mul(x, g.scalar(factor)));

/** 1 where x > 0, else 0: at the kink as on its left. */
const positive = (g: Tape, x: Value): Value => g.op('HardSigmoid', [x], { alpha: single(3e38), beta: single(0) });

/** 1 where x > 0, `below` elsewhere. */
const step = (g: Tape, x: Value, below: number): Value => g.add(times(g, positive(g, x), 1 - below), g.scalar(below));

const definitions: Readonly<Record<string, Definition>> = {
  sigmoid: { apply: (g, x) => g.op('Sigmoid', [x]), slope: (g, _x, y) => g.mul(y, g.sub(one(g), y)) },
  tanh: { apply: (g, x) => g.op('Tanh', [x]), slope: (g, _x, y) => g.sub(one(g), g.mul(y, y)) },
  relu: { apply: (g, x) => g.op('Relu', [x]), slope: (g, x) => positive(g, x) },
  affine: {
    alpha: 1,
    beta: 0,
    apply: (g, x, alpha, beta) => g.add(times(g, x, alpha), g.scalar(beta)),
    slope: (g, x, _y, alpha) => g.op('Expand', [g.scalar(alpha), g.op('Shape', [x])]),
  },
  leakyrelu: {
    alpha: 0.01,
    apply: (g, x, alpha) => g.op('LeakyRelu', [x], { alpha: single(alpha) }),
    slope: (g, x, _y, alpha) => step(g, x, alpha),
  },
  thresholdedrelu: {
    alpha: 1,
    apply: (g, x, alpha) => g.mul(x, positive(g, g.sub(x, g.scalar(alpha)))),
    slope: (g, x, _y, alpha) => positive(g, g.sub(x, g.scalar(alpha))),
  },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply: (g, x, alpha, beta) => times(g, g.op('Tanh', [times(g, x, beta)]), alpha),
    slope: (g, x, _y, alpha, beta) => {
      const y = g.op('Tanh', [times(g, x, beta)]);
      return times(g, g.sub(one(g), g.mul(y, y)), alpha * beta);
    },
  },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    apply: (g, x, alpha, beta) => g.op('HardSigmoid', [x], { alpha: single(alpha), beta: single(beta) }),
    slope: (g, _x, y, alpha) => times(g, g.mul(positive(g, y), positive(g, g.sub(one(g), y))), alpha),
  },
  elu: {
    alpha: 1,
    apply: (g, x, alpha) => g.op('Elu', [x], { alpha: single(alpha) }),
    // alpha e^x = y + alpha on the left
    slope: (g, x, y, alpha) => {
      const right = positive(g, x);
      return g.add(right, g.mul(g.sub(one(g), right), g.add(y, g.scalar(alpha))));
    },
  },
  softsign: {
    apply: (g, x) => g.op('Softsign', [x]),
    slope: (g, _x, y) => {
      const rest = g.sub(one(g), g.op('Abs', [y]));
      return g.mul(rest, rest);
    },
  },
  softplus: { apply: (g, x) => g.op('Softplus', [x]), slope: (g, x) => g.op('Sigmoid', [x]) },
};

/** `count` activations for each direction, as the node lists them or by default. @throws UserError for an unknown name. */
export function activationsOf(node: Node, directions: number, defaults: readonly string[]): Activation[][] {
  const listed = node.attrs.activations;
  const text = new TextDecoder();
  const given = listed?.kind === 'strings' ? listed.value.map((bytes) => text.decode(bytes)) : [];
  const names = given.length > 0 ? given : Array.from({ length: directions }, () => defaults).flat();
  const [alphas, betas] = [floats(node, 'activation_alpha'), floats(node, 'activation_beta')];
  const all = names.map((name): Activation => {
    const found = definitions[name.toLowerCase()];
    if (!found) throw unsupported(describe(node), `expected an activation of the ONNX list, got '${name}'`);
    const alpha = found.alpha === undefined ? 0 : (alphas.shift() ?? found.alpha);
    const beta = found.beta === undefined ? 0 : (betas.shift() ?? found.beta);
    return {
      apply: (g, x) => found.apply(g, x, alpha, beta),
      slope: (g, x, y) => found.slope(g, x, y, alpha, beta),
    };
  });
  return Array.from({ length: directions }, (_, i) => all.slice(i * defaults.length, (i + 1) * defaults.length));
}

function floats(node: Node, name: string): number[] {
  const attr = node.attrs[name];
  return attr?.kind === 'floats' ? [...attr.value] : [];
}

/** `activation` of what is bounded to [-limit, limit] before; nothing flows back from beyond. */
export const clipped = (activation: Activation, limit: number): Activation => {
  const bounded = (g: Tape, x: Value): Value => g.op('Clip', [x, g.scalar(-limit), g.scalar(limit)]);
  return {
    apply: (g, x) => activation.apply(g, bounded(g, x)),
    slope: (g, x, y) => {
      const isWithin = g.op('LessOrEqual', [g.op('Abs', [x]), g.scalar(limit)]);
      return g.mul(activation.slope(g, bounded(g, x), y), g.cast(isWithin, 'float32'));
    },
  };
};
