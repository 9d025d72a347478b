/** Normalisations, resizing, determinants and quantisation in float64. */
import { floatAttr, intAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { matrixOf, resizedAxes } from '../../ops/resize-matrix.js';
import type { Tape } from '../../ops/tape.js';
import { int64 } from '../../tensor/tensor.js';
import { type Equivalent, fixedSizes, upTo } from './equivalent.js';

/** (x - mean) / sqrt(variance + epsilon) over `axes`, with what it was divided by. */
function standardised(g: Tape, x: Value, axes: readonly number[], epsilon: number) {
  const mean = g.op('ReduceMean', [x, g.ints(axes)], { keepdims: 1 });
  const centred = g.sub(x, mean);
  const variance = g.op('ReduceMean', [g.mul(centred, centred), g.ints(axes)], { keepdims: 1 });
  const deviation = g.op('Sqrt', [g.add(variance, g.num(x, epsilon))]);
  return { mean, deviation, y: g.div(centred, deviation) };
}

export const LayerNormalization: Equivalent = (g, node) => {
  const [x, scale, bias] = node.inputs as [Value, Value, Value?];
  const rank = g.rank(x);
  const axis = intAttr(node, 'axis', -1);
  const axes = upTo(rank).slice(axis < 0 ? axis + rank : axis);
  const { y, mean, deviation } = standardised(g, x, axes, floatAttr(node, 'epsilon', Math.fround(1e-5)));
  const scaled = g.mul(y, scale);
  return [bias ? g.add(scaled, bias) : scaled, mean, g.op('Reciprocal', [deviation])];
};

export const InstanceNormalization: Equivalent = (g, node) => {
  const [x, scale, bias] = node.inputs as [Value, Value, Value];
  const axes = upTo(g.rank(x)).slice(2);
  const { y } = standardised(g, x, axes, floatAttr(node, 'epsilon', Math.fround(1e-5)));
  const aside = (value: Value): Value => g.reshape(value, [1, -1, ...axes.map(() => 1)]);
  return [g.add(g.mul(y, aside(scale)), aside(bias))];
};

/** Resizing is linear along each axis: the runtime's own float32 kernel gives its matrix, the product is in float64. */
export const Resize: Equivalent = (g, node) => {
  const x = node.inputs[0] as Value;
  const rank = g.rank(x);
  const like = {
    ...node,
    inputs: [g.value('single', { dtype: 'float32', shape: g.dims(x) }), ...node.inputs.slice(1)],
  };
  const resized = resizedAxes(g, node).reduce((y, axis) => {
    const matrix = g.cast(matrixOf(g, like, axis), 'float64');
    const last = upTo(rank).map((i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
    return g.transpose(g.matmul(g.transpose(y, last), matrix), last);
  }, x);
  return [resized];
};

/** By the first row: exact, and as slow as n!, for matrices as small as they occur. */
export const Det: Equivalent = (g, node) => {
  const x = node.inputs[0] as Value;
  return [determinant(g, x, fixedSizes(g, x, node).at(-1) as number, x)];
};

function determinant(g: Tape, x: Value, size: number, like: Value): Value {
  const at = (rows: readonly number[], columns: readonly number[]): Value => {
    const chosen = g.op('Gather', [x, g.constant(int64([rows.length], rows))], { axis: -2 });
    return g.op('Gather', [chosen, g.constant(int64([columns.length], columns))], { axis: -1 });
  };
  if (size === 1) return g.squeeze(x, [-2, -1]);
  const terms = upTo(size).map((i) => {
    const rest = at(
      upTo(size).slice(1),
      upTo(size).filter((column) => column !== i),
    );
    const term = g.mul(g.squeeze(at([0], [i]), [-2, -1]), determinant(g, rest, size - 1, like));
    return i % 2 === 0 ? term : g.neg(term);
  });
  return terms.reduce((a, b) => g.add(a, b));
}

/** (x - z) s */
export const DequantizeLinear: Equivalent = (g, node) => {
  const [x, scale, zeroPoint] = node.inputs as [Value, Value, Value?];
  const real = (value: Value): Value => g.cast(value, 'float64');
  const spread = (value: Value): Value => alongAxis(g, node, x, scale, value);
  const shifted = zeroPoint ? g.sub(real(x), spread(real(zeroPoint))) : real(x);
  return [g.mul(shifted, spread(scale))];
};

function alongAxis(g: Tape, node: Node, x: Value, scale: Value, value: Value): Value {
  const rank = g.rank(x);
  if (g.rank(scale) === 0) return value;
  const axis = (intAttr(node, 'axis', 1) + rank) % Math.max(1, rank);
  const block = intAttr(node, 'block_size', 0);
  if (block === 0) return g.reshape(value, g.size(scale, 0) === 1 ? [] : upTo(rank).map((i) => (i === axis ? -1 : 1)));
  const sizes = fixedSizes(g, x, node);
  const wide = g.op('Expand', [
    g.unsqueeze(value, [axis + 1]),
    g.ints([...sizes.slice(0, axis), (sizes[axis] as number) / block, block, ...sizes.slice(axis + 1)]),
  ]);
  return g.reshape(wide, sizes);
}
