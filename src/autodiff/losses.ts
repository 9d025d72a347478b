/** Losses emitted into a graph: each takes what a model puts out, and a target where it has one, to a scalar. */
import type { TensorType, Value } from '../ir/types.js';
import type { Builder } from '../ops/builder.js';
import { stop } from '../ops/stop.js';
import { encode } from '../tensor/convert.js';
import { dataTypes } from '../tensor/dtype.js';
import { tensor } from '../tensor/tensor.js';

export interface LossOptions {
  /** Class id that counts for nothing; default -100. */
  readonly ignore?: number;
  /** The margin is not pushed below minus this; default: without end. */
  readonly confidence?: number;
}

export interface Loss {
  readonly name: string;
  /** One line on what is minimised. */
  readonly description: string;
  /** int64 class ids in the shape of the scores without their last axis, an array in the shape of the scores, or none. */
  readonly target: 'classes' | 'array' | 'none';
  /** The loss as a scalar in the type of `x`. @param x scores [..., classes]; @param type its type, the rank known. */
  emit(g: Builder, x: Value, type: TensorType, target: Value, options: LossOptions): Value;
}

/** Mean over all rows of log(sum(exp x)) - x[target]. Rows of the ignored class count for nothing; when all do, the loss is 0. */
const crossEntropy: Loss = {
  name: 'cross-entropy',
  description: 'softmax cross-entropy with class ids',
  target: 'classes',
  emit(g, x, type, target, { ignore = -100 }) {
    const keep = g.op('Not', [g.op('Equal', [target, id(g, ignore)])]);
    const safe = g.mul(target, g.op('Cast', [keep], { to: dataTypes.int64.code }));
    const rows = crossEntropies(g, x, safe);
    const counted = g.op('Cast', [keep], { to: dataTypes[type.dtype].code });
    const count = g.op('Max', [sum(g, counted), num(g, type, 1)]);
    return g.op('Div', [sum(g, g.mul(rows, counted)), count]);
  },
};

/** Carlini, Wagner, Towards evaluating the robustness of neural networks (arXiv 1608.04644): above 0 while still classified as labelled. */
const margin: Loss = {
  name: 'margin',
  description: 'score of the class less the largest other score',
  target: 'classes',
  emit(g, x, type, target, { confidence }) {
    const margins = marginsOf(g, x, type, target);
    const held = confidence === undefined ? margins : g.op('Clip', [margins, num(g, type, -confidence)]);
    return mean(g, held);
  },
};

/** Sum over classes of p (log p - log softmax x), mean over rows; 0 log 0 is 0. */
const kl: Loss = {
  name: 'kl',
  description: 'Kullback-Leibler divergence of softmax from target probabilities',
  target: 'array',
  emit(g, x, type, target) {
    const log = g.op('Log', [g.op('Clip', [target, num(g, type, 1e-37)])]);
    const distance = g.mul(target, g.sub(log, logSoftmax(g, x, type)));
    return mean(g, g.reduceSum(distance, [-1]));
  },
};

const mse: Loss = {
  name: 'mse',
  description: 'mean of squared differences',
  target: 'array',
  emit(g, x, _type, target) {
    const difference = g.sub(x, target);
    return mean(g, g.mul(difference, difference));
  },
};

/** A zero vector has cosine 0 with everything, and no gradient. */
const cosine: Loss = {
  name: 'cosine',
  description: 'one less the cosine of the angle along the last axis',
  target: 'array',
  emit(g, x, type, target) {
    const product = (a: Value, b: Value): Value => g.reduceSum(g.mul(a, b), [-1]);
    const norm = (a: Value): Value => g.op('Sqrt', [g.add(product(a, a), num(g, type, 1e-20))]);
    return mean(g, g.sub(num(g, type, 1), g.op('Div', [product(x, target), g.mul(norm(x), norm(target))])));
  },
};

/** Minus the sum over classes of p log p with p = softmax x, mean over rows. */
const entropy: Loss = {
  name: 'entropy',
  description: 'entropy of softmax',
  target: 'none',
  emit(g, x, type) {
    const log = logSoftmax(g, x, type);
    return g.op('Neg', [mean(g, g.reduceSum(g.mul(g.op('Exp', [log]), log), [-1]))]);
  },
};

export const losses = { 'cross-entropy': crossEntropy, margin, kl, mse, cosine, entropy } as const satisfies Record<
  string,
  Loss
>;

export type LossName = keyof typeof losses;

/** log(sum(exp x)) - x[target] of each row. @param x scores [..., classes]. @param target class ids [...]. */
export function crossEntropies(g: Builder, x: Value, target: Value): Value {
  const shifted = shift(g, x);
  return g.squeeze(g.sub(logSum(g, shifted), scoresOf(g, shifted, target)), [-1]);
}

/** The score of the class less the largest other one of each row. */
export function marginsOf(g: Builder, x: Value, { dtype }: TensorType, target: Value): Value {
  const isTarget = g.op('Equal', [classIds(g, x), g.unsqueeze(target, [-1])]);
  const away = g.mul(g.op('Cast', [isTarget], { to: dataTypes[dtype].code }), num(g, { dtype }, -1e30));
  return g.squeeze(g.sub(scoresOf(g, x, target), g.reduce('ReduceMax', g.add(x, away), [-1], true)), [-1]);
}

/** Of the target, [..., 1]. */
const scoresOf = (g: Builder, x: Value, target: Value): Value =>
  g.op('GatherElements', [x, g.unsqueeze(target, [-1])], { axis: -1 });

/** `x` less its largest along the last axis. The result of a loss does not depend on what is taken off, so no gradient flows there. */
const shift = (g: Builder, x: Value): Value => g.sub(x, stop(g, g.reduce('ReduceMax', x, [-1], true)));

const logSum = (g: Builder, shifted: Value): Value => g.op('Log', [g.reduceSum(g.op('Exp', [shifted]), [-1], true)]);

/** Classes that are masked by minus infinity get a finite logarithm, so that 0 times it is 0. */
function logSoftmax(g: Builder, x: Value, type: TensorType): Value {
  const shifted = shift(g, x);
  return g.op('Clip', [g.sub(shifted, logSum(g, shifted)), num(g, type, -1e4)]);
}

const sum = (g: Builder, x: Value): Value => g.op('ReduceSum', [x], { keepdims: 0 });

const mean = (g: Builder, x: Value): Value => g.op('ReduceMean', [x], { keepdims: 0 });

const id = (g: Builder, value: number): Value => g.constant(tensor('int64', [], BigInt64Array.of(BigInt(value))));

const num = (g: Builder, { dtype }: TensorType, value: number): Value =>
  g.constant(tensor(dtype, [], encode(dtype, Float32Array.of(value))));

/** int64 [classes]: 0, 1, 2, ... */
function classIds(g: Builder, x: Value): Value {
  const size = g.squeeze(g.slice(g.op('Shape', [x]), [-1], [Number.MAX_SAFE_INTEGER], [0]), [0]);
  return g.op('Range', [id(g, 0), size, id(g, 1)]);
}
