/** Gradient rules of normalisations by the statistics of the data. */
import { floatAttr, intAttr, intsAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { sizeOf } from '../tensor/dtype.js';
import { batchNormalization, groupNormalization, instanceNormalization, layerNormalization } from './flow-channels.js';
import type { OpDef } from './op.js';
import { inverseDeviation, meanOver, range, type Scores, scoresOf, unstandardise } from './standardise.js';
import type { Tape } from './tape.js';

/** Y and, where a gradient arrives there, Mean and InvStdDev. */
export const LayerNormalization: OpDef = {
  flow: layerNormalization,
  vjp(g, [dy, dMean, dInverse], node) {
    const [x, scale, bias] = node.inputs as [Value, Value, Value?];
    const rank = g.rank(x);
    const first = (intAttr(node, 'axis', -1) + rank) % rank;
    const axes = range(first, rank);
    const standard = layerScores(g, x, scale, first, floatAttr(node, 'epsilon', 1e-5));
    const { scores, inverse } = standard;
    const parts: Value[] = [];
    if (dy) parts.push(unstandardise(g, g.mul(dy, scale), standard, axes));
    // the moments are float32 whatever the type of x: d mean / dx = 1/n, d inverse / dx = -inverse^2 scores / n
    if (dMean) parts.push(perElement(g, toTypeOf(g, dMean, x), x, axes));
    if (dInverse) {
      const factor = g.mul(toTypeOf(g, dInverse, x), g.mul(inverse, inverse));
      parts.push(g.neg(g.mul(scores, perElement(g, factor, x, axes))));
    }
    const dx = parts.reduce((a, b) => g.add(a, b));
    if (!dy) return [dx];
    return [dx, g.unbroadcast(g.mul(dy, scores), x, scale), bias ? g.unbroadcast(dy, x, bias) : null];
  },
};

/** For float32 the runtime's own kernel gives scores and deviation at once (a third of the time of the parts). */
function layerScores(g: Tape, x: Value, scale: Value, first: number, epsilon: number): Scores {
  const rank = g.rank(x);
  if (g.dtype(x) !== 'float32') return scoresOf(g, x, range(first, rank), epsilon);
  const sizes = g.dims(x).slice(first);
  const isFixed = sizes.every((size) => typeof size === 'number');
  const shape = g.op('Shape', [x], { start: first });
  const ones = isFixed ? g.full(x, sizes as number[], 1) : g.op('Expand', [g.num(scale, 1), shape]);
  const [scores, , inverse] = g.ops('LayerNormalization', [x, ones], 3, {
    axis: first,
    epsilon: { kind: 'float', value: epsilon },
  });
  return { scores: scores as Value, inverse: inverse as Value };
}

const toTypeOf = (g: Tape, value: Value, x: Value): Value =>
  g.dtype(x) === 'float32' ? value : g.cast(value, g.dtype(x));

/** A value per group divided by the number of its elements, repeated for each. */
function perElement(g: Tape, value: Value, x: Value, axes: readonly number[]): Value {
  const ones = g.op('Expand', [g.num(x, 1), g.shapeOf(x)]);
  return g.mul(ones, g.div(value, g.reduceSum(ones, axes, true)));
}

/** Inference: fixed statistics. Training: those of the batch; the running ones that it outputs move nothing. */
export const BatchNormalization: OpDef = {
  flow: batchNormalization,
  vjp(g, [dy], node) {
    if (!dy) return [];
    const [x, scale, , mean, variance] = node.inputs as [Value, Value, Value, Value, Value];
    const axes = [0, ...range(2, g.rank(x))];
    const epsilon = floatAttr(node, 'epsilon', 1e-5);
    const perChannel = (value: Value): Value => channelwise(g, value, x);
    if (intAttr(node, 'training_mode', 0) !== 0) return throughStatistics(g, dy, x, scale, epsilon);
    const inverse = inverseDeviation(g, cast(g, variance, variance, x), epsilon, x);
    const slope = g.mul(cast(g, scale, scale, x), inverse);
    const dBias = g.reduceSum(dy, axes);
    const dScale = g.mul(g.reduceSum(g.mul(dy, g.sub(x, perChannel(mean))), axes), inverse);
    // d slope / d variance = -slope inverse^2 / 2
    const dVariance = g.mul(g.num(x, -0.5), g.mul(g.mul(dScale, inverse), slope));
    return [
      g.mul(dy, g.reshape(slope, aside(g, x))),
      cast(g, dScale, x, scale),
      cast(g, dBias, x, scale),
      cast(g, g.neg(g.mul(dBias, slope)), x, mean),
      cast(g, dVariance, x, variance),
    ];
  },
};

/** dx = scale inverse (dy - mean(dy) - scores mean(dy scores)), from the two sums that scale and bias need too. */
function throughStatistics(g: Tape, dy: Value, x: Value, scale: Value, epsilon: number): Value[] {
  const axes = [0, ...range(2, g.rank(x))];
  const { scores, inverse } = scoresOf(g, x, axes, epsilon);
  const [dScale, dBias] = [g.mul(dy, scores), dy].map((each) => g.reduceSum(each, axes, true)) as [Value, Value];
  const sizes = axes.map((axis) => g.size(x, axis));
  const count = sizes.every((size) => size !== undefined)
    ? g.num(x, sizeOf(sizes))
    : g.cast(g.div(g.op('Size', [x]), g.op('Size', [dBias])), g.dtype(x));
  const common = g.add(g.mul(scores, g.div(dScale, count)), g.div(dBias, count));
  const dx = g.mul(g.sub(dy, common), g.mul(channelwise(g, scale, x), inverse));
  return [dx, ...[dScale, dBias].map((sum) => cast(g, g.reshape(sum, [-1]), x, scale))];
}

/** The statistics of each channel of each sample. */
export const InstanceNormalization: OpDef = {
  flow: instanceNormalization,
  vjp(g, [dy], node) {
    const [x, scale] = node.inputs as [Value, Value];
    const axes = range(2, g.rank(x));
    const standard = scoresOf(g, x, axes, floatAttr(node, 'epsilon', 1e-5));
    return scaledChannels(g, dy as Value, x, scale, standard.scores, (d) => unstandardise(g, d, standard, axes));
  },
};

/** The statistics of groups of channels; scale and bias are per channel, as since opset 21. */
export const GroupNormalization: OpDef = {
  flow: groupNormalization,
  vjp(g, [dy], node) {
    const [x, scale] = node.inputs as [Value, Value];
    const grouped = (value: Value): Value => g.reshape(value, [0, intAttr(node, 'num_groups', 1), -1]);
    const standard = scoresOfGroups(g, grouped(x), x, floatAttr(node, 'epsilon', 1e-5));
    const scores = g.reshapeAs(standard.scores, x);
    const back = (d: Value): Value => g.reshapeAs(unstandardise(g, grouped(d), standard, [2]), x);
    return scaledChannels(g, dy as Value, x, scale, scores, back);
  },
};

function scoresOfGroups(g: Tape, grouped: Value, x: Value, epsilon: number): Scores {
  const centred = g.sub(grouped, meanOver(g, grouped, [2]));
  const inverse = inverseDeviation(g, meanOver(g, g.mul(centred, centred), [2]), epsilon, x);
  return { scores: g.mul(centred, inverse), inverse };
}

function scaledChannels(g: Tape, dy: Value, x: Value, scale: Value, scores: Value, back: (d: Value) => Value): Value[] {
  const axes = [0, ...range(2, g.rank(x))];
  const dx = back(g.mul(dy, channelwise(g, scale, x)));
  return [dx, g.reduceSum(g.mul(dy, scores), axes), g.reduceSum(dy, axes)];
}

/** One value per channel, in the element type and with the axes of `x`. */
const channelwise = (g: Tape, value: Value, x: Value): Value => g.reshape(cast(g, value, value, x), aside(g, x));

const aside = (g: Tape, x: Value): number[] => [-1, ...Array<number>(g.rank(x) - 2).fill(1)];

/** `value`, which has the element type of `from`, in that of `to`. */
const cast = (g: Tape, value: Value, from: Value, to: Value): Value =>
  g.dtype(from) === g.dtype(to) ? value : g.cast(value, g.dtype(to));

/** A zero vector stays zero; the gradient there is zero too, the mean of the directions it jumps to. */
export const LpNormalization: OpDef = {
  vjp(g, [dy], node) {
    const x = node.inputs[0] as Value;
    const y = node.outputs[0] as Value;
    const axis = [intAttr(node, 'axis', -1)];
    const isL1 = intAttr(node, 'p', 2) === 1;
    const length = g.op(isL1 ? 'ReduceL1' : 'ReduceL2', [x, g.ints(axis)], { keepdims: 1 });
    const some = g.cast(g.op('Greater', [length, g.num(x, 0)]), g.dtype(x));
    const inverse = g.div(some, g.add(length, g.sub(g.num(x, 1), some)));
    const along = g.reduceSum(g.mul(dy as Value, y), axis, true);
    const outward = isL1 ? signOf(g, x) : y;
    return [g.mul(inverse, g.sub(dy as Value, g.mul(outward, along)))];
  },
};

function signOf(g: Tape, x: Value): Value {
  const zero = g.num(x, 0);
  const is = (op: string): Value => g.cast(g.op(op, [x, zero]), g.dtype(x));
  return g.sub(is('Greater'), is('Less'));
}

/** y = (x - mean) / (deviation + 1e-9), in parts: the runtime does not tell the shape of its output. */
export const MeanVarianceNormalization: OpDef = {
  expand(g, node) {
    const x = node.inputs[0] as Value;
    const axes = intsAttr(node, 'axes') ?? [0, 2, 3];
    const centred = g.sub(x, meanOver(g, x, axes));
    const deviation = g.op('Sqrt', [meanOver(g, g.mul(centred, centred), axes)]);
    return [g.div(centred, g.add(deviation, g.num(x, 1e-9)))];
  },
};
