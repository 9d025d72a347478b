/** Sums that take back broadcasting. */
import { attrs } from '../ir/node.js';
import type { Dimension, Value } from '../ir/types.js';
import type { Tape } from './tape.js';

/** As `Tape.unbroadcast`. */
export function unbroadcast(g: Tape, d: Value, y: Value, x: Value, other?: Value): Value {
  const [from, to] = [g.dims(y), g.dims(x)];
  const lead = from.length - to.length;
  const padded: Dimension[] = [...Array<Dimension>(lead).fill(1), ...to];
  const against = other && g.dims(other);
  const stretches = (axis: number): boolean => {
    if (!against) return true;
    const size = against.at(axis - from.length);
    return size !== undefined && size !== 1;
  };
  // two unknown sizes need not be equal
  const isOpen = padded.some((size, i) => size !== 1 && (size === null || size !== from[i]) && stretches(i));
  if (isOpen) return byShape(g, d, x, lead);
  const axes = padded.flatMap((size, i) => (size === 1 && from[i] !== 1 ? [i] : []));
  const isLeading = axes.length > 0 && axes.length === lead && axes.at(-1) === lead - 1;
  if (isLeading) return to.length === 0 ? g.reduceSum(d, axes) : sumLeading(g, d, y, x);
  const summed = axes.length > 0 ? g.reduceSum(d, axes, true) : d;
  if (lead === 0) return summed;
  return g.squeeze(
    summed,
    Array.from({ length: lead }, (_, i) => i),
  );
}

/**
 * The sum over the axes that `y` has in front of those of `x`: ones times a matrix, which takes a fifth to a half of the time of
 * ReduceSum.
 */
function sumLeading(g: Tape, d: Value, y: Value, x: Value): Value {
  const lead = g.rank(y) - g.rank(x);
  const rows = g.rank(y) === 2 ? d : g.op('Flatten', [d], { axis: lead });
  const sizes = g.sizes(y)?.slice(0, lead);
  const count = sizes ? g.ints([sizes.reduce((a, b) => a * b, 1)]) : g.op('Shape', [rows], { start: 0, end: 1 });
  const sum = g.matmul(g.op('Expand', [g.num(y, 1), count]), rows);
  return g.rank(x) === 1 ? sum : g.reshapeAs(sum, x);
}

/** Where sizes are only known when it runs: the axes are those where the shape of `x`, padded with ones, is 1. */
function byShape(g: Tape, d: Value, x: Value, lead: number): Value {
  const shape = g.shapeOf(x);
  const padded = lead > 0 ? g.concat([g.ints(Array(lead).fill(1)), shape], 0) : shape;
  const isOne = g.op('Equal', [padded, g.ints([1])]);
  const axes = g.squeeze(g.op('NonZero', [g.cast(isOne, 'int64')]), [0]);
  // the runtime infers no rank behind computed axes, and a second differentiation asks for it
  const rank = lead + g.rank(x);
  const summed = g.value('ReduceSum', { dtype: g.dtype(x), shape: Array<Dimension>(rank).fill(null) });
  const attributes = attrs({ keepdims: 1, noop_with_empty_axes: 1 });
  g.nodes.push({
    name: summed.name,
    op: 'ReduceSum',
    domain: '',
    inputs: [d, axes],
    outputs: [summed],
    attrs: attributes,
  });
  return g.op('Reshape', [summed, shape], { allowzero: 1 });
}
