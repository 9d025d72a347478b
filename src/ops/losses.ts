/** Gradient rules of the classification losses: scores [N, C, ...], labels [N, ...], a weight per class. */
import { intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { int64 } from '../tensor/tensor.js';
import { isTrue, reciprocalOrZero } from './masks.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

export const NegativeLogLikelihoodLoss: OpDef = {
  vjp(g, [dy], node) {
    const [x, , weights] = node.inputs;
    const samples = samplesOf(g, dy as Value, node);
    const dx = g.neg(g.mul(samples.chosen, samples.scale));
    return weights ? [dx, null, ofWeights(g, x as Value, samples, node)] : [dx, null];
  },
};

/** Softmax and its logarithm: both outputs meet in (softmax - one hot) times the scale of the sample. */
export const SoftmaxCrossEntropyLoss: OpDef = {
  vjp(g, [dy, dLog], node) {
    const [x, , weights] = node.inputs as [Value, Value, Value?];
    const logits = node.outputs[1];
    const p = logits ? g.op('Exp', [logits]) : g.op('Softmax', [x], { axis: 1 });
    const ofLog = dLog ? g.sub(dLog, g.mul(p, g.reduceSum(dLog, [1], true))) : null;
    if (!dy) return [ofLog];
    const samples = samplesOf(g, dy, node);
    const ofLoss = g.mul(g.sub(p, samples.chosen), samples.scale);
    const dx = ofLog ? g.add(ofLoss, ofLog) : ofLoss;
    if (!weights) return [dx, null];
    return [dx, null, ofWeights(g, logits ?? g.op('LogSoftmax', [x], { axis: 1 }), samples, node)];
  },
};

interface Samples {
  /** [N, C, ...]: 1 at the label. */
  readonly chosen: Value;
  /** The cotangent of each sample's loss times its weight, 0 where the label is ignored: [N, 1, ...], or a scalar. */
  readonly scale: Value;
  /** The same without the weight. */
  readonly unweighted: Value;
}

function samplesOf(g: Tape, dy: Value, node: Node): Samples {
  const [x, target, weights] = node.inputs as [Value, Value, Value?];
  const labels = g.unsqueeze(g.cast(target, 'int64'), [1]);
  const chosen = isTrue(g, 'Equal', labels, classes(g, x), x);
  const isCounted = countedLabels(g, labels, node);
  const counted = isCounted && g.cast(isCounted, g.dtype(x));
  const weight = weights ? weightOf(g, labels, weights, isCounted) : null;
  const masked = weight && counted ? g.mul(weight, counted) : (weight ?? counted);
  const d = cotangentPerSample(g, dy, masked, node);
  return {
    chosen,
    scale: masked ? g.mul(masked, d) : d,
    unweighted: counted ? g.mul(counted, d) : d,
  };
}

/** 0, 1, ... along axis 1, as [C, 1, ...]. */
function classes(g: Tape, x: Value): Value {
  const size = g.size(x, 1);
  const inner = g.rank(x) - 2;
  const row =
    size !== undefined
      ? g.ints(Array.from({ length: size }, (_, i) => i))
      : g.op('Range', [index(g, 0), g.op('Gather', [g.shapeOf(x), index(g, 1)]), index(g, 1)]);
  return inner > 0 ? g.reshape(row, [-1, ...Array<number>(inner).fill(1)]) : row;
}

const index = (g: Tape, value: number): Value => g.constant(int64([], [value]));

/** Whether each label counts, or null where all do. */
function countedLabels(g: Tape, labels: Value, node: Node): Value | null {
  if (!node.attrs.ignore_index) return null;
  const ignored = g.ints([intAttr(node, 'ignore_index', 0)]);
  return g.op('Not', [g.op('Equal', [labels, ignored])]);
}

/** The weight of each label; an ignored one, which may be no class at all, takes that of class 0. */
function weightOf(g: Tape, labels: Value, weights: Value, isCounted: Value | null): Value {
  return g.op('Gather', [weights, isCounted ? g.mul(labels, g.cast(isCounted, 'int64')) : labels]);
}

/** Of the loss of each sample before its weight: a scalar, or [N, 1, ...] where the loss is not reduced. */
function cotangentPerSample(g: Tape, dy: Value, masked: Value | null, node: Node): Value {
  const [x, target] = node.inputs as [Value, Value];
  const reduction = stringAttr(node, 'reduction', 'mean');
  if (reduction === 'none') return g.unsqueeze(dy, [1]);
  if (reduction === 'sum') return dy;
  if (!masked) return g.div(dy, g.cast(g.op('Size', [target]), g.dtype(x)));
  const axes = Array.from({ length: g.rank(x) }, (_, i) => i);
  // where every label is ignored the mean is 0 / 0, and nothing flows
  return g.mul(dy, reciprocalOrZero(g, g.reduceSum(masked, axes), x));
}

/** The cotangent of the class weights; a mean also divides by their sum, which takes the mean itself off each sample. */
function ofWeights(g: Tape, logits: Value, { chosen, unweighted }: Samples, node: Node): Value {
  const isMean = stringAttr(node, 'reduction', 'mean') === 'mean';
  const loss = isMean ? g.add(logits, node.outputs[0] as Value) : logits;
  const parts = g.mul(g.mul(chosen, unweighted), g.neg(loss));
  const axes = Array.from({ length: g.rank(node.inputs[0] as Value) }, (_, i) => i);
  return g.reduceSum(
    parts,
    axes.filter((axis) => axis !== 1),
  );
}
