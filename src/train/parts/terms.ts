/** What losses are made of: means over the rows of a batch. */
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import { stop } from '../../ops/stop.js';
import type { Fed } from '../step/scope.js';

/** log softmax along the last axis. */
export function logSoftmax(g: Builder, logits: Value): Value {
  // the result does not depend on what is taken off, so no gradient needs to flow there
  const shifted = g.sub(logits, stop(g, g.reduce('ReduceMax', logits, [-1], true)));
  return g.sub(shifted, g.op('Log', [g.reduceSum(g.op('Exp', [shifted]), [-1], true)]));
}

export const softmax = (g: Builder, logits: Value): Value => g.op('Softmax', [logits], { axis: -1 });

export const mean = (g: Builder, x: Value): Value => g.op('ReduceMean', [x], { keepdims: 0 });

/** -sum q log softmax(logits) of each row. @param q [rows, classes]. */
export const crossEntropies = (g: Builder, logits: Value, q: Value): Value =>
  g.op('Neg', [g.reduceSum(g.mul(q, logSoftmax(g, logits)), [-1])]);

/** Mean of the squared differences over rows and classes. */
export function squaredDistance(g: Builder, p: Value, q: Value): Value {
  const difference = g.sub(p, q);
  return mean(g, g.mul(difference, difference));
}

/** Rows of [logits or probabilities] that are largest in their class, one-hot; ties are shared out evenly. */
export function largest(g: Builder, scores: Value): Value {
  const most = g.reduce('ReduceMax', scores, [-1], true);
  const isMost = g.op('Cast', [g.op('Equal', [scores, most])], { to: 1 });
  return stop(g, g.op('Div', [isMost, g.reduceSum(isMost, [-1], true)]));
}

/** Batches one after the other. */
export function joined(g: Builder, batches: readonly Fed[]): Fed {
  const masks = batches.flatMap(({ mask }) => mask ?? []);
  return {
    x: g.concat(
      batches.map(({ x }) => x),
      0,
    ),
    size: batches.reduce((sum, { size }) => sum + size, 0),
    ...(masks.length > 0 && { mask: g.concat(masks, 0) }),
  };
}

/** x [size, channels, length] with zeros behind the end of shorter series. */
export const within = (g: Builder, x: Value, { mask }: Pick<Fed, 'mask'>): Value =>
  mask ? g.mul(x, g.unsqueeze(mask, [1])) : x;

/** Rows `from` to `to`. */
export const rows = (g: Builder, x: Value, from: number, to: number): Value => g.slice(x, [from], [to], [0]);
