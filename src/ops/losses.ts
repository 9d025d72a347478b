/** Gradient rules of the classification losses: scores [N, C, ...], labels [N, ...], a weight per class. */
import { intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { reciprocalOrZero } from './masks.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

export const NegativeLogLikelihoodLoss: OpDef = {
  vjp(g, [dy], node) {
    const [x, , weights] = node.inputs as [Value, Value, Value?];
    const samples = samplesOf(g, dy as Value, node);
    const updates = g.op('Expand', [g.neg(samples.scale), g.op('Shape', [samples.labels])]);
    const dx = g.op('ScatterElements', [g.zerosLike(x), samples.labels, updates], { axis: 1 });
    return weights ? [dx, null, ofWeights(g, x, samples, node)] : [dx, null];
  },
};

/** Both outputs, the loss and the logarithm of the softmax, meet in (softmax - one hot) times the scale of the sample. */
export const SoftmaxCrossEntropyLoss: OpDef = {
  vjp(g, [dy, dLog], node) {
    const [x, , weights] = node.inputs as [Value, Value, Value?];
    const logP = node.outputs[1];
    const p = logP ? g.op('Exp', [logP]) : g.op('Softmax', [x], { axis: 1 });
    const ofLog = dLog ? g.sub(dLog, g.mul(p, g.reduceSum(dLog, [1], true))) : null;
    if (!dy) return [ofLog];
    const samples = samplesOf(g, dy, node);
    const ofLoss = lessAtLabels(g, p, samples);
    const dx = ofLog ? g.add(ofLoss, ofLog) : ofLoss;
    if (!weights) return [dx, null];
    return [dx, null, ofWeights(g, logP ?? g.op('LogSoftmax', [x], { axis: 1 }), samples, node)];
  },
};

interface Samples {
  /** [N, 1, ...]; 0 where the label is ignored, which may be no class at all. */
  readonly labels: Value;
  /** The cotangent of each sample's loss times its weight, 0 where the label is ignored: [N, 1, ...], or a scalar. */
  readonly scale: Value;
  /** The same without the weight. */
  readonly unweighted: Value;
}

function samplesOf(g: Tape, dy: Value, node: Node): Samples {
  const [x, target, weights] = node.inputs as [Value, Value, Value?];
  const given = g.unsqueeze(g.cast(target, 'int64'), [1]);
  const isCounted = node.attrs.ignore_index
    ? g.op('Not', [g.op('Equal', [given, g.ints([intAttr(node, 'ignore_index', 0)])])])
    : null;
  const labels = isCounted ? g.mul(given, g.cast(isCounted, 'int64')) : given;
  const counted = isCounted && g.cast(isCounted, g.dtype(x));
  const weight = weights ? g.op('Gather', [weights, labels]) : null;
  const share = weight && counted ? g.mul(weight, counted) : (weight ?? counted);
  const d = cotangentPerSample(g, dy, share, node);
  return { labels, scale: share ? g.mul(share, d) : d, unweighted: counted ? g.mul(counted, d) : d };
}

/** Before the weight: a scalar, or [N, 1, ...] where the loss is not reduced. */
function cotangentPerSample(g: Tape, dy: Value, share: Value | null, node: Node): Value {
  const [x, target] = node.inputs as [Value, Value];
  const reduction = stringAttr(node, 'reduction', 'mean');
  if (reduction === 'none') return g.unsqueeze(dy, [1]);
  if (reduction === 'sum') return dy;
  if (!share) return g.div(dy, g.cast(g.op('Size', [target]), g.dtype(x)));
  const axes = Array.from({ length: g.rank(x) }, (_, i) => i);
  // where every label is ignored the mean is 0 / 0, and nothing flows
  return g.mul(dy, reciprocalOrZero(g, g.reduceSum(share, axes), x));
}

/**
 * p scale, less the scale at each label. A scatter takes half the time of a product with one-hot rows; it replaces, as in half
 * precision the runtime cannot add.
 */
function lessAtLabels(g: Tape, p: Value, samples: Samples): Value {
  const scaled = g.mul(p, samples.scale);
  const own = g.op('GatherElements', [scaled, samples.labels], { axis: 1 });
  return g.op('ScatterElements', [scaled, samples.labels, g.sub(own, samples.scale)], { axis: 1 });
}

/** The cotangent of the class weights; a mean also divides by their sum, which takes the mean itself off each sample. */
function ofWeights(g: Tape, logP: Value, { labels, unweighted }: Samples, node: Node): Value {
  const isMean = stringAttr(node, 'reduction', 'mean') === 'mean';
  const own = g.op('GatherElements', [logP, labels], { axis: 1 });
  const loss = isMean ? g.add(own, node.outputs[0] as Value) : own;
  const parts = g.neg(g.mul(loss, unweighted));
  return g.op(
    'ScatterElements',
    [g.zerosLike(node.inputs[2] as Value), g.reshape(labels, [-1]), g.reshape(parts, [-1])],
    {
      axis: 0,
      reduction: 'add',
    },
  );
}
