/** Gradient rules of ops that resample a signal or put windows of it together. */
import { unsupported } from '../errors.js';
import { describe, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { OpDef } from './op.js';
import { isCropping, matrixOf, repeats, resizedAxes } from './resize-matrix.js';
import { integersOf, joined, span } from './sizes.js';
import type { Tape } from './tape.js';

export { GridSample } from './grid-sample.js';

/** Separable and linear in x: along every axis the transposed matrix. */
export const Resize: OpDef = {
  vjp(g, [dy], node, isWanted) {
    const [x, roi] = node.inputs as [Value, Value | null];
    if (isCropping(node) && roi && isWanted(roi)) {
      throw unsupported(describe(node), "has no gradient to its input 'roi'; cut it with a stop, or extract the graph");
    }
    const rank = g.rank(x);
    const axes = resizedAxes(g, node);
    const factors = repeats(g, node, axes);
    if (factors) return [summed(g, dy as Value, factors)];
    // along the last axis one product does for all rows: it takes the larger of the two sizes of the other axes
    const [before, after] = [g.size(x, -1) ?? 0, g.size(node.outputs[0] as Value, -1) ?? 0];
    const order = before > after ? axes : axes.toReversed();
    return [order.reduce((d, axis) => along(g, d, matrixOf(g, node, axis), axis, rank), dy as Value)];
  },
};

/** The sum over blocks of repeated elements, as an average: twice as fast as products, and it needs no sizes. */
const summed = (g: Tape, d: Value, factors: readonly number[]): Value =>
  g.mul(
    g.op('AveragePool', [d], { kernel_shape: factors, strides: factors }),
    g.scalar(factors.reduce((product, factor) => product * factor, 1)),
  );

/** The product of the matrix [after, before] with every line of `d` along an axis. */
function along(g: Tape, d: Value, matrix: Value, axis: number, rank: number): Value {
  if (axis === rank - 1) return g.matmul(d, g.transpose(matrix, [1, 0]));
  if (axis === rank - 2) return g.matmul(matrix, d);
  const swapped = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 2 : i === rank - 2 ? axis : i));
  return g.transpose(g.matmul(matrix, g.transpose(d, swapped)), swapped);
}

/** The grid is (coordinates, 1) times the transposed theta; the op itself gives the coordinates. */
export const AffineGrid: OpDef = {
  vjp(g, [dy], node) {
    const [theta, size] = node.inputs as [Value, Value];
    const axes = g.rank(node.outputs[0] as Value) - 2;
    const unit = Array.from({ length: axes * (axes + 1) }, (_, i) => (i % (axes + 2) === 0 ? 1 : 0));
    const one = g.cast(g.floats(unit, [1, axes, axes + 1]), g.dtype(theta));
    const all = g.op('AffineGrid', [g.op('Expand', [one, g.shapeOf(theta)]), size], node.attrs);
    const places = g.op('Reshape', [g.slice(all, [0], [1], [0]), g.ints([-1, axes])]);
    const ones = g.op('Expand', [g.num(theta, 1), joined(g, [countOf(g, places), g.ints([1])])]);
    const shape = joined(g, [span(g, theta, 0, 1), g.ints([-1, axes])]);
    const turned = g.transpose(g.op('Reshape', [dy as Value, shape]), [0, 2, 1]);
    return [g.matmul(turned, g.concat([places, ones], 1)), null];
  },
};

/** Of an emitted value. */
const countOf = (g: Tape, rows: Value): Value => g.op('Shape', [rows], { start: 0, end: 1 });

/** Every element of x was added to one place of the padded image, and is read back from there. */
export const Col2Im: OpDef = {
  vjp(g, [dy], node) {
    const [x, image, block] = node.inputs as [Value, Value, Value];
    const [sizes, kernel] = [integersOf(g, image), integersOf(g, block)];
    if (!sizes || !kernel) {
      throw unsupported(
        describe(node),
        "expected constant 'image_shape' and 'block_shape', got computed ones; fold them",
      );
    }
    return [g.reshapeAs(windows(g, dy as Value, node, sizes, kernel), x), null, null];
  },
};

/** For every offset in the block the windows' elements at it, stacked behind the channels; Gather takes ten times as long. */
function windows(g: Tape, dy: Value, node: Node, sizes: readonly number[], kernel: readonly number[]): Value {
  const ones = sizes.map(() => 1);
  const [strides, dilations] = [intsAttr(node, 'strides') ?? ones, intsAttr(node, 'dilations') ?? ones];
  const pads = intsAttr(node, 'pads') ?? [...ones, ...ones].map(() => 0);
  const axes = g.ints(sizes.map((_, i) => i + 2));
  const padded = pads.some((pad) => pad !== 0) ? g.op('Pad', [dy, g.ints(pads), null, axes]) : dy;
  const lengths = sizes.map((size, i) => {
    const free = size + pads[i]! + pads[i + sizes.length]! - dilations[i]! * (kernel[i]! - 1);
    return (Math.ceil(free / strides[i]!) - 1) * strides[i]! + 1;
  });
  const parts = indices(kernel).map((offset) => {
    const starts = offset.map((at, i) => at * dilations[i]!);
    const ends = starts.map((start, i) => start + lengths[i]!);
    return g.unsqueeze(g.op('Slice', [padded, g.ints(starts), g.ints(ends), axes, g.ints(strides)]), [2]);
  });
  return parts.length === 1 ? parts[0]! : g.concat(parts, 2);
}

/** All index tuples of a shape, the last axis fastest. */
const indices = (shape: readonly number[]): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>(
    (before, size) => before.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
