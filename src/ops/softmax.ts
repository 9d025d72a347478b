/** Gradient rules of Softmax and its logarithm. */
import { intAttr } from '../ir/node.js';
import { softmax } from './flow-channels.js';
import { unary } from './rule.js';

export const Softmax = unary(
  (g, dy, _x, y, node) => g.mul(y, g.sub(dy, g.reduceSum(g.mul(dy, y), [intAttr(node, 'axis', -1)], true))),
  softmax,
);

export const LogSoftmax = unary(
  (g, dy, _x, y, node) => g.sub(dy, g.mul(g.op('Exp', [y]), g.reduceSum(dy, [intAttr(node, 'axis', -1)], true))),
  softmax,
);
