/** Fused ops of ONNX Runtime's own domain in standard ops; attention is in files of its own. */
import { unsupported } from '../errors.js';
import { describe, floatAttr, intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { range } from './standardise.js';
import type { Tape } from './tape.js';

type Expanded = readonly (Value | null)[];
type Inputs = readonly (Value | null | undefined)[];

const single = (value: number) => ({ kind: 'float' as const, value });

const plus = (g: Tape, x: Value, bias: Value | null | undefined): Value => (bias ? g.add(x, bias) : x);

export const expandGelu = (g: Tape, node: Node): Expanded => {
  const [x, bias] = node.inputs as [Value, Value?];
  return [g.op('Gelu', [plus(g, x, bias)])];
};

export const expandFastGelu = (g: Tape, node: Node): Expanded => {
  const [x, bias] = node.inputs as [Value, Value?];
  return [g.op('Gelu', [plus(g, x, bias)], { approximate: 'tanh' })];
};

export const expandQuickGelu = (g: Tape, node: Node): Expanded => {
  const x = node.inputs[0] as Value;
  return [g.mul(x, g.op('Sigmoid', [g.mul(x, g.num(x, floatAttr(node, 'alpha', 1.702)))]))];
};

/** alpha A B, each first with its batch axes before its first axis, then with its last two exchanged, where asked for. */
export function expandFusedMatMul(g: Tape, node: Node): Expanded {
  const side = (name: 'A' | 'B', x: Value): Value => {
    const axes = range(0, g.rank(x));
    const last = axes.length - 1;
    if (last < 1) return x;
    const perm = intAttr(node, `transBatch${name}`, 0) !== 0 ? [...axes.slice(1, last), 0, last] : axes;
    const turned = [...perm.slice(0, -2), perm[last] as number, perm[last - 1] as number];
    const wanted = intAttr(node, `trans${name}`, 0) !== 0 ? turned : perm;
    return wanted.every((axis, i) => axis === i) ? x : g.transpose(x, wanted);
  };
  const [a, b] = node.inputs as [Value, Value];
  const product = g.matmul(side('A', a), side('B', b));
  const alpha = floatAttr(node, 'alpha', 1);
  return [alpha === 1 ? product : g.mul(product, g.num(a, alpha))];
}

export function expandFusedGemm(g: Tape, node: Node): Expanded {
  const { alpha, beta, transA, transB } = node.attrs;
  const product = g.op('Gemm', node.inputs, { alpha, beta, transA, transB });
  const [alphaOf, betaOf, gammaOf] = ['alpha', 'beta', 'gamma'].map((name) =>
    node.attrs[`activation_${name}`] ? floatAttr(node, `activation_${name}`, 0) : undefined,
  );
  const isSelu = stringAttr(node, 'activation', '') === 'Selu';
  return [activated(g, node, product, [alphaOf, isSelu ? gammaOf : betaOf])];
}

export const expandGemmFastGelu = (g: Tape, node: Node): Expanded => {
  const [x, weight, bias] = node.inputs as [Value, Value, Value?];
  return [g.op('Gelu', [plus(g, g.matmul(x, weight), bias)], { approximate: 'tanh' })];
};

export function expandFusedConv(g: Tape, node: Node): Expanded {
  const [x, weight, bias, sum] = node.inputs as Inputs;
  const { activation: _, activation_params: params, ...attrs } = node.attrs;
  const product = g.op('Conv', [x as Value, weight as Value, ...(bias ? [bias] : [])], attrs);
  return [activated(g, node, plus(g, product, sum), params?.kind === 'floats' ? params.value : [])];
}

/** The activation that a node names, with its parameters in the order of the op. */
function activated(g: Tape, node: Node, x: Value, params: readonly (number | undefined)[]): Value {
  const name = stringAttr(node, 'activation', '');
  const [alpha, beta] = params;
  const given = (value: number | undefined) => (value === undefined ? undefined : single(value));
  switch (name) {
    case '':
      return x;
    case 'Relu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softplus':
    case 'Softsign':
    case 'HardSwish':
      return g.op(name, [x]);
    case 'LeakyRelu':
    case 'Elu':
    case 'Celu':
    case 'ThresholdedRelu':
      return g.op(name, [x], { alpha: given(alpha) });
    case 'HardSigmoid':
      return g.op(name, [x], { alpha: given(alpha), beta: given(beta) });
    case 'Selu':
      return g.op(name, [x], { alpha: given(alpha), gamma: given(beta) });
    case 'Clip': {
      const like = node.inputs[0] as Value;
      return g.op(name, [x, g.num(like, alpha ?? -3.4e38), g.num(like, beta ?? 3.4e38)]);
    }
    default:
      throw unsupported(describe(node), `its expansion does not know the activation '${name}'; export without fusions`);
  }
}

/** x / sqrt(mean(x^2) + epsilon) times a scale */
export function expandSimplifiedLayerNormalization(g: Tape, node: Node): Expanded {
  const [x, scale] = node.inputs as [Value, Value];
  const rank = g.rank(x);
  const first = (intAttr(node, 'axis', -1) + rank) % rank;
  return rootMeanSquare(g, x, x, scale, range(first, rank), floatAttr(node, 'epsilon', 1e-5));
}

function rootMeanSquare(g: Tape, like: Value, x: Value, scale: Value, axes: number[], epsilon: number): [Value, Value] {
  const square = g.op('ReduceMean', [g.mul(x, x), g.ints(axes)], { keepdims: 1 });
  const inverse = g.div(g.num(like, 1), g.op('Sqrt', [g.add(square, g.num(like, epsilon))]));
  return [g.mul(g.mul(x, inverse), scale), inverse];
}

export function expandSkipSimplifiedLayerNormalization(g: Tape, node: Node): Expanded {
  const [x, skip, scale, bias] = node.inputs as [Value, Value, Value, Value?];
  const sum = plus(g, g.add(x, skip), bias);
  const [y, inverse] = rootMeanSquare(g, x, sum, scale, [g.rank(x) - 1], floatAttr(node, 'epsilon', 1e-12));
  // the kernel leaves zeros where the mean would be
  return [y, node.outputs[1] ? g.sub(inverse, inverse) : null, inverse, sum];
}

export function expandSkipLayerNormalization(g: Tape, node: Node): Expanded {
  const [x, skip, scale, shift, bias] = node.inputs as [Value, Value, Value, Value?, Value?];
  const sum = plus(g, g.add(x, skip), bias);
  const [y, mean, inverse] = layerNormalized(g, node, sum, scale, shift);
  return [y, mean, inverse, sum];
}

const layerNormalized = (g: Tape, node: Node, x: Value, scale: Value, shift: Value | null | undefined) =>
  g.ops('LayerNormalization', shift ? [x, scale, shift] : [x, scale], 3, {
    axis: -1,
    epsilon: single(floatAttr(node, 'epsilon', 1e-12)),
  }) as [Value, Value, Value];

/** Words, positions and segments looked up, added and normalised; and how many words of each row the mask leaves. */
export function expandEmbedLayerNormalization(g: Tape, node: Node): Expanded {
  const [ids, segments, words, places, kinds, scale, shift, mask, positions] = node.inputs as Inputs;
  const look = (table: Value, rows: Value): Value => g.op('Gather', [table, rows], { axis: 0 });
  const steps = g.op('Shape', [ids as Value], { start: 1, end: 2 });
  const place = positions
    ? look(places as Value, positions)
    : g.op('Slice', [places as Value, g.ints([0]), steps, g.ints([0])]);
  const known = g.add(look(words as Value, ids as Value), place);
  const sum = segments ? g.add(known, look(kinds as Value, segments)) : known;
  const [y] = layerNormalized(g, node, sum, scale as Value, shift);
  return [y, maskIndex(g, ids as Value, mask), sum];
}

function maskIndex(g: Tape, ids: Value, mask: Value | null | undefined): Value {
  if (mask) return g.cast(g.reduceSum(mask, [1]), 'int32');
  const rows = g.op('Shape', [ids], { start: 0, end: 1 });
  return g.op('Expand', [g.cast(g.ints([0]), 'int32'), rows]);
}
