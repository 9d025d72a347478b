/** Gradient rules of ops that resample a signal or put windows of it together. */
import { unsupported } from '../errors.js';
import { describe, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { int64 } from '../tensor/tensor.js';
import type { OpDef } from './op.js';
import { isCropping, matrixOf, resizedAxes } from './resize-matrix.js';
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
    const ofX = resizedAxes(g, node).reduce((d, axis) => along(g, d, matrixOf(g, node, axis), axis, rank), dy as Value);
    return [ofX, null, null, null];
  },
};

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

/** Every element of x was added to one place of the padded image: it is read back there. */
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
    const { padded, pads, places } = windows(node, sizes, kernel);
    const axes = g.ints(sizes.map((_, i) => i + 2));
    const wide = pads.some((pad) => pad !== 0) ? g.op('Pad', [dy as Value, g.ints(pads), null, axes]) : (dy as Value);
    const lines = g.reshape(wide, [0, 0, padded.reduce((product, size) => product * size, 1)]);
    const at = g.constant(int64([places.length], places));
    return [g.reshapeAs(g.op('Gather', [lines, at], { axis: 2 }), x), null, null];
  },
};

/** For every offset in the block and every window, the place in the padded image. */
function windows(node: Node, sizes: readonly number[], kernel: readonly number[]) {
  const ones = sizes.map(() => 1);
  const [strides, dilations] = [intsAttr(node, 'strides') ?? ones, intsAttr(node, 'dilations') ?? ones];
  const pads = intsAttr(node, 'pads') ?? [...ones, ...ones].map(() => 0);
  const padded = sizes.map((size, i) => size + pads[i]! + pads[i + sizes.length]!);
  const counts = padded.map((size, i) => Math.floor((size - dilations[i]! * (kernel[i]! - 1) - 1) / strides[i]!) + 1);
  const places = indices(kernel).flatMap((offset) =>
    indices(counts).map((window) =>
      padded.reduce((place, size, i) => place * size + window[i]! * strides[i]! + offset[i]! * dilations[i]!, 0),
    ),
  );
  return { padded, pads, places };
}

/** All index tuples of a shape, the last axis fastest. */
const indices = (shape: readonly number[]): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>(
    (before, size) => before.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
