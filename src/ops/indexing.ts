/** Gradient rules of ops that pick elements by an index. */
import { intAttr } from '../ir/node.js';
import type { Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { gather } from './flow-shapes.js';
import type { OpDef } from './op.js';
import { asInt64, axisOf, joined, span, upTo } from './sizes.js';
import { fromGather, fromPlaces } from './taken.js';
import type { Tape } from './tape.js';

export const Gather: OpDef = {
  flow: gather,
  vjp(g, [dy], node) {
    const [x, indices] = node.inputs as [Value, Value];
    const axis = axisOf(intAttr(node, 'axis', 0), g.rank(x));
    return [fromGather(g, dy as Value, x, asInt64(g, indices), axis, g.rank(indices)), null];
  },
};

export const GatherElements: OpDef = {
  vjp(g, [dy], node) {
    const [x, indices] = node.inputs as [Value, Value];
    const axis = intAttr(node, 'axis', 0);
    const put = (onto: Value): Value =>
      g.op('ScatterElements', [onto, indices, dy as Value], { axis, reduction: 'add' });
    return [g.scattered(x, put), null];
  },
};

export const GatherND: OpDef = {
  vjp(g, [dy], node) {
    const [x, indices] = node.inputs as [Value, Value];
    const batch = intAttr(node, 'batch_dims', 0);
    if (batch === 0) {
      const at = asInt64(g, indices);
      return [g.scattered(x, (onto) => g.op('ScatterND', [onto, at, dy as Value], { reduction: 'add' })), null];
    }
    return [fromBatches(g, dy as Value, x, indices, batch), null];
  },
};

/** The batch axes become one, and its index the first coordinate of every index. */
function fromBatches(g: Tape, dy: Value, x: Value, indices: Value, batch: number): Value {
  const [rank, last] = [g.rank(x), g.rank(indices) - 1];
  const shape = joined(g, [g.ints([-1]), span(g, x, batch, rank)]);
  const base = g.op('Reshape', [g.zerosLike(x), shape]);
  const lead = span(g, indices, 0, batch);
  const each = g.op('Reshape', [upTo(g, g.op('ReduceProd', [lead], { keepdims: 1 })), lead]);
  const inner = Array.from({ length: last + 1 - batch }, (_, i) => batch + i);
  const wide = g.op('Expand', [g.unsqueeze(each, inner), joined(g, [span(g, indices, 0, last), g.ints([1])])]);
  const at = g.concat([wide, asInt64(g, indices)], last);
  return g.reshapeAs(g.op('ScatterND', [base, at, dy], { reduction: 'add' }), x);
}

/** By the indices that the op itself returns. */
export const TopK: OpDef = {
  vjp(g, [dy], node) {
    const [x, k] = node.inputs as [Value, Value];
    const indices = node.outputs[1] ?? (g.ops('TopK', [x, k], 2, node.attrs)[1] as Value);
    const axis = intAttr(node, 'axis', -1);
    return [dy ? g.op('ScatterElements', [g.zerosLike(x), indices, dy], { axis }) : null, null];
  },
};

export const Compress: OpDef = {
  vjp(g, [dy], node) {
    const [x, condition] = node.inputs as [Value, Value];
    if (node.attrs.axis === undefined) {
      return [fromPlaces(g, dy as Value, x, (places) => g.op('Compress', [places, condition]), false), null];
    }
    const axis = axisOf(intAttr(node, 'axis', 0), g.rank(x));
    const kept = g.op('Compress', [upTo(g, span(g, x, axis, axis + 1)), condition], { axis: 0 });
    return [fromRowsAt(g, dy as Value, x, kept, axis), null];
  },
};

/** Equal elements are one: the cotangent goes to the first of them. */
export const Unique: OpDef = {
  vjp(g, [dy], node) {
    const x = node.inputs[0] as Value;
    if (!dy) return [null];
    const first = node.outputs[1] ?? (g.ops('Unique', [x], 2, node.attrs)[1] as Value);
    if (node.attrs.axis === undefined) return [fromPlaces(g, dy, x, (places) => pickFlat(g, places, first), false)];
    return [fromRowsAt(g, dy, x, first, axisOf(intAttr(node, 'axis', 0), g.rank(x)))];
  },
};

const pickFlat = (g: Tape, places: Value, at: Value): Value => g.op('Gather', [g.reshape(places, [-1]), at]);

const fromRowsAt = (g: Tape, dy: Value, x: Value, at: Value, axis: number): Value => fromGather(g, dy, x, at, axis, 1);

/** To `values`, which are [off, on]; the indices and the depth are integers, whatever their type. */
export const OneHot: OpDef = {
  vjp(g, [dy], node) {
    const [indices, depth, values] = node.inputs as [Value, Value, Value];
    const bounds = g.constant(tensorOf(g.dtype(values), [2], Float32Array.of(0, 1)));
    const hot = g.op('OneHot', [indices, depth, bounds], node.attrs);
    const axes = Array.from({ length: g.rank(node.outputs[0] as Value) }, (_, i) => i);
    const sum = (d: Value): Value => g.reshape(g.reduceSum(d, axes), [1]);
    const off = g.sub(g.num(values, 1), hot);
    return [null, null, g.concat([sum(g.mul(dy as Value, off)), sum(g.mul(dy as Value, hot))], 0)];
  },
};
