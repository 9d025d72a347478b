/** Gradient rules of ops that only arrange elements anew, repeat them or leave some out. */
import { unsupported } from '../errors.js';
import { describe, intAttr, intsAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { apart, concat, expand, ofSizes, reshape, sameOrder, split, tile, transpose } from './flow-shapes.js';
import type { OpDef } from './op.js';
import { flat, unary } from './rule.js';
import { axisOf, integersOf, joined, picked, span, upTo } from './sizes.js';
import type { Tape } from './tape.js';

/** The same elements in the same order. */
const rearranged: OpDef = {
  flow: sameOrder,
  // a size of 0 is one, not a copied one
  vjp: (g, [dy], { inputs }) => [g.op('Reshape', [dy as Value, g.shapeOf(inputs[0] as Value)], { allowzero: 1 })],
};

export const Reshape: OpDef = { ...rearranged, flow: reshape };
export const Squeeze = rearranged;
export const Unsqueeze = rearranged;
export const Flatten = rearranged;

/** Sizes say nothing of what stays: whoever is given them has to follow. */
export const Shape: OpDef = { ...flat, flow: () => {} };
export const Size: OpDef = Shape;
/** Its values are integers. */
export const NonZero = flat;
export const ConstantOfShape: OpDef = { ...flat, flow: ofSizes };

export const Transpose = unary((g, dy, x, _y, node) => {
  const perm = intsAttr(node, 'perm') ?? g.dims(x).map((_, axis) => g.rank(x) - 1 - axis);
  return g.transpose(
    dy,
    perm.map((_, axis) => perm.indexOf(axis)),
  );
}, transpose);

export const Concat: OpDef = {
  flow: concat,
  vjp(g, [dy], node, isWanted) {
    const inputs = node.inputs as readonly Value[];
    if (inputs.length === 1) return [dy];
    const axis = axisOf(intAttr(node, 'axis', 0), g.rank(inputs[0] as Value));
    const lengths = inputs.map((x) => g.size(x, axis));
    if (!inputs.every(isWanted) && lengths.every((length) => length !== undefined)) {
      const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b));
      const start = (i: number): number => ends[i]! - lengths[i]!;
      return inputs.map((x, i) => (isWanted(x) ? g.slice(dy as Value, [start(i)], [ends[i]!], [axis]) : null));
    }
    const sizes = joined(
      g,
      inputs.map((x) => span(g, x, axis, axis + 1)),
    );
    return g.ops('Split', [dy as Value, sizes], inputs.length, { axis });
  },
};

export const Split: OpDef = {
  flow: split,
  vjp(g, dy, node) {
    const parts = node.outputs.map((y, i) => dy[i] ?? missing(g, y, node));
    return [parts.length === 1 ? (parts[0] as Value) : g.concat(parts, intAttr(node, 'axis', 0)), null];
  },
};

function missing(g: Tape, y: Value | null, node: Node): Value {
  if (!y) throw unsupported(describe(node), 'expected a name for every output, got an empty one; name it');
  return g.zerosLike(y);
}

export const Expand: OpDef = {
  flow: expand,
  vjp: (g, [dy], node) => [g.unbroadcast(dy as Value, node.outputs[0] as Value, node.inputs[0] as Value), null],
};

/** Each axis of the output is (repeats, size): the sum is over the repeats. */
export const Tile: OpDef = {
  flow: tile,
  vjp(g, [dy], node) {
    const [x, repeats] = node.inputs as [Value, Value];
    const rank = g.rank(x);
    const stored = integersOf(g, repeats);
    const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => stored?.[axis] !== 1);
    if (axes.length === 0) return [dy, null];
    const order = Array.from({ length: 2 * rank }, (_, i) => (i % 2 === 0 ? i / 2 : rank + (i - 1) / 2));
    const shape = picked(g, joined(g, [stored ? g.ints(stored) : repeats, g.shapeOf(x)]), g.ints(order));
    const apart = g.op('Reshape', [dy as Value, shape], { allowzero: 1 });
    const sum = g.reduceSum(
      apart,
      axes.map((axis) => 2 * axis),
    );
    return [axes.length === rank ? sum : g.reshapeAs(sum, x), null];
  },
};

/** The op's own inverse takes a third of the time of Reshape and Transpose; in mode CRD its channels come in another order. */
export const DepthToSpace = unary(
  (g, dy, x, _y, node) => {
    const blocksize = intAttr(node, 'blocksize', 1);
    const back = g.op('SpaceToDepth', [dy], { blocksize });
    if (stringAttr(node, 'mode', 'DCR') === 'DCR') return back;
    const apart = g.reshape(g.unsqueeze(back, [1]), [0, blocksize * blocksize, -1, 0, 0]);
    return g.reshapeAs(g.transpose(apart, [0, 2, 1, 3, 4]), x);
  },
  apart(1, 'blocks change places with channels'),
);

export const SpaceToDepth = unary(
  (g, dy, _x, _y, node) => g.op('DepthToSpace', [dy], { blocksize: intAttr(node, 'blocksize', 1), mode: 'DCR' }),
  apart(1, 'blocks change places with channels'),
);

/** Its own inverse. */
export const ReverseSequence: OpDef = {
  vjp: (g, [dy], node) => [g.op('ReverseSequence', [dy as Value, node.inputs[1] as Value], node.attrs), null],
};

export const Trilu: OpDef = {
  vjp: (g, [dy], node) => [g.op('Trilu', [dy as Value, ...node.inputs.slice(1)], node.attrs), null],
};

/** Cropping and padding round the same way, so that each takes back the other. */
export const CenterCropPad: OpDef = {
  vjp(g, [dy], node) {
    const x = node.inputs[0] as Value;
    const axes = intsAttr(node, 'axes');
    const sizes = axes ? picked(g, g.shapeOf(x), g.ints(axes.map((axis) => axisOf(axis, g.rank(x))))) : g.shapeOf(x);
    return [g.op('CenterCropPad', [dy as Value, sizes], node.attrs), null];
  },
};

/** start + i delta; the limit only decides how many. */
export const Range: OpDef = {
  vjp(g, [dy], node) {
    const y = node.outputs[0] as Value;
    const steps = g.cast(upTo(g, span(g, y)), g.dtype(y));
    return [g.reduceSum(dy as Value, [0]), null, g.reduceSum(g.mul(dy as Value, steps), [0])];
  },
};
