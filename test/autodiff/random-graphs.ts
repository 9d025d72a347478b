/** Random small graphs of differentiable ops: a recipe of numbers, as fast-check draws and shrinks it, becomes nodes. */
import type { AttrInput } from '../../src/ir/node.js';
import type { Graph, Value } from '../../src/ir/types.js';
import { Builder } from '../../src/ops/builder.js';
import { int64 } from '../../src/tensor/tensor.js';

/** One op: which of the ops that fit, of which of the values so far. */
export interface Step {
  readonly op: number;
  readonly left: number;
  readonly right: number;
  readonly axis: number;
}

interface Typed {
  readonly value: Value;
  readonly shape: readonly number[];
}

type Emit = (g: Builder, x: Typed, step: Step, all: readonly Typed[]) => Typed | undefined;

const float = (value: number): AttrInput => ({ kind: 'float', value });

/** An op of one input that keeps its shape, on numbers in [-1, 1]. */
const unary =
  (op: string, attributes: Readonly<Record<string, AttrInput>> = {}): Emit =>
  (g, { value, shape }) => ({ value: g.op(op, [value], attributes), shape });

const onPositive =
  (op: string): Emit =>
  (g, { value, shape }) => ({ value: g.op(op, [g.add(g.mul(value, value), g.scalar(0.5))]), shape });

/** With another value of a shape that it broadcasts against. */
const binary =
  (op: string): Emit =>
  (g, x, { right }, all) => {
    const fitting = all.filter(({ shape }) => broadcast(x.shape, shape) !== undefined);
    const y = fitting[right % fitting.length]!;
    const divisor = op === 'Div' ? g.add(g.mul(y.value, y.value), g.scalar(0.5)) : y.value;
    return { value: g.op(op, [x.value, divisor]), shape: broadcast(x.shape, y.shape)! };
  };

const reduction =
  (op: string): Emit =>
  (g, x, { axis, right }) => {
    if (x.shape.length === 0) return undefined;
    const at = axis % x.shape.length;
    const keepdims = right % 2;
    const shape = x.shape.flatMap((size, i) => (i !== at ? [size] : keepdims ? [1] : []));
    const safe = op === 'ReduceLogSum' ? g.add(g.mul(x.value, x.value), g.scalar(0.5)) : x.value;
    return { value: g.op(op, [safe, g.ints([at])], { keepdims }), shape };
  };

const along =
  (op: string): Emit =>
  (g, x, { axis }) =>
    x.shape.length === 0 ? undefined : { value: g.op(op, [x.value], { axis: axis % x.shape.length }), shape: x.shape };

const matmul: Emit = (g, x, { right }, all) => {
  const fitting = all.filter(({ shape }) => shape.length === 2 && x.shape.length >= 2 && shape[0] === x.shape.at(-1));
  const y = fitting[right % Math.max(1, fitting.length)];
  return y && { value: g.matmul(x.value, y.value), shape: [...x.shape.slice(0, -1), y.shape[1]!] };
};

const transpose: Emit = (g, x, { axis }) => {
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => (i + axis) % rank);
  return { value: g.transpose(x.value, perm), shape: perm.map((i) => x.shape[i]!) };
};

const concat: Emit = (g, x, { axis }) => {
  if (x.shape.length === 0 || x.shape.some((size) => size > 8)) return undefined;
  const at = axis % x.shape.length;
  const shape = x.shape.map((size, i) => (i === at ? 2 * size : size));
  return { value: g.concat([x.value, g.op('Sin', [x.value])], at), shape };
};

const slice: Emit = (g, x, { axis }) => {
  const at = axis % Math.max(1, x.shape.length);
  if ((x.shape[at] ?? 0) < 2) return undefined;
  const shape = x.shape.map((size, i) => (i === at ? size - 1 : size));
  return { value: g.slice(x.value, [1], [x.shape[at]!], [at]), shape };
};

const gather: Emit = (g, x, { axis, right }) => {
  if (x.shape.length === 0) return undefined;
  const at = axis % x.shape.length;
  const size = x.shape[at]!;
  const picks = g.constant(int64([3], [right % size, (right + 1) % size, -1]));
  return { value: g.op('Gather', [x.value, picks], { axis: at }), shape: x.shape.map((s, i) => (i === at ? 3 : s)) };
};

const pad: Emit = (g, x, { axis }) => {
  if (x.shape.length === 0) return undefined;
  const at = axis % x.shape.length;
  const pads = [...x.shape.map((_, i) => (i === at ? 1 : 0)), ...x.shape.map(() => 0)];
  return { value: g.op('Pad', [x.value, g.ints(pads)]), shape: x.shape.map((s, i) => (i === at ? s + 1 : s)) };
};

const flatten: Emit = (g, x) => ({
  value: g.reshape(x.value, [-1]),
  shape: [x.shape.reduce((product, size) => product * size, 1)],
});

const windows =
  (op: string): Emit =>
  (g, x, { axis }) => {
    if (x.shape.length !== 2 || x.shape[1]! < 3) return undefined;
    const stride = 1 + (axis % 2);
    const [channels, length] = x.shape as [number, number];
    const image = g.unsqueeze(x.value, [0]);
    const attributes = { kernel_shape: [3], strides: [stride], pads: [1, 1] };
    const weight = g.floats(
      Array.from({ length: 2 * channels * 3 }, (_, i) => Math.cos(i)),
      [2, channels, 3],
    );
    const made = op === 'Conv' ? g.op(op, [image, weight], attributes) : g.op(op, [image], attributes);
    const outputs = Math.floor((length - 1) / stride) + 1;
    return { value: g.squeeze(made, [0]), shape: [op === 'Conv' ? 2 : channels, outputs] };
  };

const layerNormalization: Emit = (g, x) => {
  const size = x.shape.at(-1) ?? 1;
  if (size < 2) return undefined;
  const scale = g.floats(Array.from({ length: size }, (_, i) => 1 + 0.1 * i));
  return { value: g.op('LayerNormalization', [x.value, scale], { axis: -1, epsilon: float(0.1) }), shape: x.shape };
};

export const emitters: Readonly<Record<string, Emit>> = {
  ...Object.fromEntries(
    [
      'Tanh',
      'Sigmoid',
      'Relu',
      'Softplus',
      'Softsign',
      'Erf',
      'Abs',
      'Neg',
      'Sin',
      'Cos',
      'Atan',
      'Gelu',
      'Mish',
      'Selu',
    ].map((op) => [op, unary(op)]),
  ),
  LeakyRelu: unary('LeakyRelu', { alpha: float(0.2) }),
  Elu: unary('Elu', { alpha: float(0.7) }),
  HardSigmoid: unary('HardSigmoid', { alpha: float(0.3) }),
  ...Object.fromEntries(['Sqrt', 'Log', 'Reciprocal'].map((op) => [op, onPositive(op)])),
  ...Object.fromEntries(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'].map((op) => [op, binary(op)])),
  ...Object.fromEntries(
    ['Sum', 'Mean', 'Max', 'Min', 'LogSumExp', 'SumSquare', 'LogSum'].map((name) => [
      `Reduce${name}`,
      reduction(`Reduce${name}`),
    ]),
  ),
  ...Object.fromEntries(['Softmax', 'LogSoftmax'].map((op) => [op, along(op)])),
  ...{ MatMul: matmul, Transpose: transpose, Concat: concat, Slice: slice, Gather: gather, Pad: pad, Reshape: flatten },
  ...Object.fromEntries(['Conv', 'AveragePool', 'MaxPool'].map((op) => [op, windows(op)])),
  LayerNormalization: layerNormalization,
};

const ops = Object.values(emitters);

/** Steps whose op does not fit are passed over; every value stays of moderate size. The outputs are the last two values. */
export function graphOf(steps: readonly Step[]): Graph {
  const inputs: Value[] = [
    { name: 'a', type: { dtype: 'float32', shape: [2, 3] } },
    { name: 'b', type: { dtype: 'float32', shape: [3, 4] } },
    { name: 'c', type: { dtype: 'float32', shape: [4] } },
  ];
  const g = new Builder(inputs.map(({ name }) => name));
  const all: Typed[] = inputs.map((value) => ({ value, shape: value.type!.shape as number[] }));
  for (const step of steps) {
    // late values are taken more often, or nothing would lie deep
    const x = all[all.length - 1 - (step.left % Math.min(4, all.length))]!;
    const made = ops[step.op % ops.length]!(g, x, step, all);
    if (made) all.push({ ...made, value: g.op('Tanh', [g.mul(made.value, g.scalar(0.7))]) });
  }
  const outputs = all.slice(-2).filter(({ value }) => !inputs.includes(value));
  return {
    name: 'random',
    inputs,
    outputs: outputs.map(({ value }) => value),
    nodes: g.nodes,
    initializers: g.initializers,
    opsets: new Map([['', 21]]),
    functions: [],
  };
}

function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], i: number): number => shape[shape.length - rank + i] ?? 1;
  const sizes = Array.from({ length: rank }, (_, i) => [at(a, i), at(b, i)] as const);
  if (!sizes.every(([x, y]) => x === y || x === 1 || y === 1)) return undefined;
  return sizes.map(([x, y]) => Math.max(x, y));
}
