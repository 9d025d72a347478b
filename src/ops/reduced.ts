/** From a reduction's output back to the shape of its input. */
import { intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { dataOf } from '../tensor/tensor.js';
import type { Tape } from './tape.js';

/** A value in the shape of a reduction's output, repeated along the reduced axes. */
export function spread(g: Tape, value: Value, node: Node): Value {
  const x = node.inputs[0] as Value;
  return g.op('Expand', [kept(g, value, node), g.shapeOf(x)]);
}

/** A value in the shape of a reduction's output, with the reduced axes as ones. */
export function kept(g: Tape, value: Value, node: Node): Value {
  if (intAttr(node, 'keepdims', 1) !== 0) return value;
  const axes = node.inputs[1];
  if (!axes || g.tensorOf(axes)?.payload.byteLength === 0) {
    if (intAttr(node, 'noop_with_empty_axes', 0) !== 0) return value;
    return g.reshape(value, Array<number>(g.rank(node.inputs[0] as Value)).fill(1));
  }
  return g.op('Unsqueeze', [value, axes]);
}

/** The sum of `value`, in the shape of a reduction's input, over the axes it reduces; they stay as ones. */
export const sumAlike = (g: Tape, value: Value, node: Node): Value =>
  g.op('ReduceSum', [value, node.inputs[1] ?? null], alike(node));

/** Attributes of another reduction over the same axes, which stay as ones. */
export const alike = (node: Node) => ({
  keepdims: 1,
  noop_with_empty_axes: intAttr(node, 'noop_with_empty_axes', 0),
});

/** The reduced axes, counted from the front, where they are constants; undefined where they are computed. */
export function reducedAxes(g: Tape, node: Node): readonly number[] | undefined {
  const rank = g.rank(node.inputs[0] as Value);
  const all = Array.from({ length: rank }, (_, i) => i);
  const axes = node.inputs[1];
  if (!axes) return intAttr(node, 'noop_with_empty_axes', 0) !== 0 ? [] : all;
  const stored = g.tensorOf(axes);
  if (!stored) return undefined;
  const listed = Array.from(dataOf(stored), Number);
  if (listed.length === 0) return intAttr(node, 'noop_with_empty_axes', 0) !== 0 ? [] : all;
  return listed.map((axis) => (axis < 0 ? axis + rank : axis));
}
