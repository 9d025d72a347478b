/** Gradient rules of reductions, and of CumSum. */
import { intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { emitScan } from './emit-scan.js';
import { type Reduced, reduction } from './flow-channels.js';
import { isTrue, reciprocalOrZero, sign } from './masks.js';
import type { OpDef } from './op.js';
import { alike, kept, reducedAxes, spread, sumAlike } from './reduced.js';
import type { Tape } from './tape.js';

const reduced = (becomes: Reduced, rule: (g: Tape, dy: Value, x: Value, y: Value, node: Node) => Value): OpDef => ({
  flow: reduction(becomes),
  vjp: (g, [dy], node) => [rule(g, dy as Value, node.inputs[0] as Value, node.outputs[0] as Value, node)],
});

export const ReduceSum = reduced('sums', (g, dy, _x, _y, node) => spread(g, dy, node));

export const ReduceMean = reduced('averages', (g, dy, x, y, node) => {
  const sizes = reducedAxes(g, node)?.map((axis) => g.size(x, axis));
  if (sizes?.every((size) => size !== undefined)) {
    const count = sizes.reduce((product, size) => product * size, 1);
    return spread(g, g.div(dy, g.num(x, count)), node);
  }
  const [all, some] = [x, y].map((value) => g.cast(g.op('Size', [value]), g.dtype(x)));
  return spread(g, g.div(dy, g.div(all!, some!)), node);
});

/** Equal extremes share the cotangent equally: symmetric inputs have symmetric gradients. */
const extreme = reduced('pins', (g, dy, x, y, node) => {
  const chosen = isTrue(g, 'Equal', x, kept(g, y, node), x);
  return g.mul(chosen, g.div(kept(g, dy, node), sumAlike(g, chosen, node)));
});

export const ReduceMax = extreme;
export const ReduceMin = extreme;

/** The product of the others, for which no factor is divided by: zeros are right in every derivative. */
export const ReduceProd = reduced('pins', (g, dy, x, _y, node) => {
  const axes = reducedAxes(g, node);
  return g.mul(kept(g, dy, node), axes ? productOfOthers(g, x, axes) : quotientOfOthers(g, x, node));
});

/** What stands before each factor times what stands behind it. */
function productOfOthers(g: Tape, x: Value, axes: readonly number[]): Value {
  const others = Array.from({ length: g.rank(x) }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  const perm = [...axes, ...others];
  const turned = g.transpose(x, perm);
  const factors = g.op('Flatten', [turned], { axis: axes.length });
  const ones = g.op('Expand', [g.num(x, 1), g.op('Shape', [factors], { start: 1 })]);
  const [before, behind] = [false, true].map((isReversed) => {
    const step = (t: Tape, [product]: readonly Value[], [factor]: readonly Value[]) => ({
      states: [t.mul(product as Value, factor as Value)],
      outputs: [product as Value],
    });
    return emitScan(g, [ones], [{ value: factors, isReversed }], [{ isReversed }], step)[1] as Value;
  }) as [Value, Value];
  const shaped = g.op('Reshape', [g.mul(before, behind), g.op('Shape', [turned])], { allowzero: 1 });
  return g.transpose(
    shaped,
    perm.map((_, axis) => perm.indexOf(axis)),
  );
}

/**
 * For axes that are computed: with zeros replaced by ones P / x, which holds where no other factor is zero. The second derivative
 * of that formula is right only without zeros.
 */
function quotientOfOthers(g: Tape, x: Value, node: Node): Value {
  const zeros = isTrue(g, 'Equal', x, g.num(x, 0), x);
  const filled = g.add(x, zeros);
  const product = g.op('ReduceProd', [filled, node.inputs[1] ?? null], alike(node));
  const isAlone = isTrue(g, 'Equal', zeros, sumAlike(g, zeros, node), x);
  return g.mul(isAlone, g.div(product, filled));
}

/** At 0 the subgradient 0. */
export const ReduceL1 = reduced('sums', (g, dy, x, _y, node) => g.mul(kept(g, dy, node), sign(g, x)));

/** At a zero vector the subgradient 0. */
export const ReduceL2 = reduced('sums', (g, dy, x, y, node) =>
  g.mul(x, kept(g, g.mul(dy, reciprocalOrZero(g, y)), node)),
);

export const ReduceSumSquare = reduced('sums', (g, dy, x, _y, node) => g.mul(x, kept(g, g.mul(dy, g.num(x, 2)), node)));

export const ReduceLogSum = reduced('pins', (g, dy, _x, y, node) =>
  spread(g, g.mul(dy, g.op('Exp', [g.neg(y)])), node),
);

/** A softmax, brought to the sum 1 once more: in exp(x - y) a large y has lost digits. */
export const ReduceLogSumExp = reduced('pins', (g, dy, x, y, node) => {
  // a sum over nothing but -Infinity: bounded, or the difference would not be a number
  const bounded = g.op('Clip', [y, g.num(x, g.dtype(x) === 'float16' ? -65504 : -3e38)]);
  const shares = g.op('Exp', [g.sub(x, kept(g, bounded, node))]);
  return g.mul(shares, g.mul(kept(g, dy, node), reciprocalOrZero(g, sumAlike(g, shares, node), x)));
});

/** The sum from the other end. */
export const CumSum: OpDef = {
  vjp: (g, [dy], node) => [
    g.op('CumSum', [dy as Value, node.inputs[1] as Value], {
      exclusive: intAttr(node, 'exclusive', 0),
      reverse: intAttr(node, 'reverse', 0) === 0 ? 1 : 0,
    }),
  ],
};
