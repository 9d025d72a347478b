/**
 * Gradient rules of quantisation by the straight-through estimator: rounding counts as the identity, and what saturates is
 * constant. Quantised values are integers, yet they carry a (floating-point) cotangent from one op to the other.
 */
import { unsupported } from '../errors.js';
import { describe, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { type DataType, dataTypeOf } from '../tensor/dtype.js';
import type { OpDef } from './op.js';
import { range } from './standardise.js';
import type { Tape } from './tape.js';

/** What each integer type can hold. */
const ranges: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  uint2: [0, 3],
  int2: [-2, 1],
  uint4: [0, 15],
  int4: [-8, 7],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/**
 * y = saturate(round(x / s) + z): dy / dx = 1 / s and dy / ds = -x / s^2 where x / s + z is within half a step of what the type
 * holds, zero outside. Behind DequantizeLinear this makes the scale's gradient round(x / s) - x / s inside (as in Esser et al.,
 * Learned Step Size Quantization, arXiv 1902.08153), and the bound less the zero point outside.
 */
export const QuantizeLinear: OpDef = {
  carriesIntegers: true,
  vjp(g, [dy], node) {
    const [x, scale, zeroPoint] = node.inputs as [Value, Value, Value?];
    const [least, most] = rangeOf(g, node, zeroPoint);
    const steps = alongScale(g, node, x, scale);
    const ratio = g.div(x, steps.spread(scale));
    const place = zeroPoint ? g.add(ratio, steps.spread(g.cast(zeroPoint, g.dtype(x)))) : ratio;
    const distance = g.op('Abs', [g.sub(place, g.num(x, (least + most) / 2))]);
    const isInside = g.op('LessOrEqual', [distance, g.num(x, (most - least + 1) / 2)]);
    const dx = g.mul(g.div(dy as Value, steps.spread(scale)), g.cast(isInside, g.dtype(x)));
    return [dx, steps.gather(g.neg(g.mul(dx, ratio)))];
  },
};

/** y = (x - z) s */
export const DequantizeLinear: OpDef = {
  vjp(g, [dy], node) {
    const [x, scale, zeroPoint] = node.inputs as [Value, Value, Value?];
    const steps = alongScale(g, node, x, scale);
    const real = (value: Value): Value => g.cast(value, g.dtype(scale));
    const shifted = zeroPoint ? g.sub(real(x), steps.spread(real(zeroPoint))) : real(x);
    return [g.mul(dy as Value, steps.spread(scale)), steps.gather(g.mul(dy as Value, shifted))];
  },
};

/**
 * Its range covers all of x: nothing saturates. Scale and zero point move nothing, as what their change does when quantising is
 * undone when dequantising.
 */
export const DynamicQuantizeLinear: OpDef = {
  carriesIntegers: true,
  vjp: (g, [dy], node) => [dy ? g.div(dy, node.outputs[1] as Value) : null],
};

function rangeOf(g: Tape, node: Node, zeroPoint: Value | null | undefined): readonly [number, number] {
  const dtype = zeroPoint ? g.dtype(zeroPoint) : (dataTypeOf(intAttr(node, 'output_dtype', 0)) ?? 'uint8');
  const found = ranges[dtype];
  if (!found) throw unsupported(describe(node), `expected an integer type to quantise to, got ${dtype}`);
  return found;
}

interface AlongScale {
  /** A value in the shape of the scale, repeated over what it applies to. */
  spread(value: Value): Value;
  /** A value in the shape of the data, summed over what shares a scale. */
  gather(value: Value): Value;
}

/** One scale for all, one per slice along an axis, or one per block of an axis. */
function alongScale(g: Tape, node: Node, x: Value, scale: Value): AlongScale {
  const rank = g.rank(x);
  const axis = (intAttr(node, 'axis', 1) + rank) % Math.max(1, rank);
  const all = range(0, rank);
  if (g.rank(scale) === 0) return { spread: (value) => value, gather: (value) => g.reduceSum(value, all) };
  const block = intAttr(node, 'block_size', 0);
  if (block > 0) return alongBlocks(g, node, x, axis, block);
  if (g.size(scale, 0) === 1) {
    return {
      spread: (value) => g.reshape(value, []),
      gather: (value) => g.reshape(g.reduceSum(value, all), [1]),
    };
  }
  const others = all.filter((each) => each !== axis);
  const aside = all.map((each) => (each === axis ? -1 : 1));
  return {
    spread: (value) => g.reshape(value, aside),
    gather: (value) => (others.length > 0 ? g.reduceSum(value, others) : value),
  };
}

function alongBlocks(g: Tape, node: Node, x: Value, axis: number, block: number): AlongScale {
  const size = g.size(x, axis);
  if (size === undefined || size % block !== 0) {
    throw unsupported(
      describe(node),
      `expected whole blocks of ${block} along axis ${axis}, got ${size ?? '?'} elements`,
    );
  }
  const shape = (...middle: number[]): Value => {
    const part = (start: number, end: number): Value => g.op('Shape', [x], { start, end });
    const parts = [g.ints(middle)];
    if (axis > 0) parts.unshift(part(0, axis));
    if (axis + 1 < g.rank(x)) parts.push(part(axis + 1, g.rank(x)));
    return parts.length > 1 ? g.concat(parts, 0) : (parts[0] as Value);
  };
  const blocked = shape(size / block, block);
  return {
    spread: (value) => g.op('Reshape', [g.op('Expand', [g.unsqueeze(value, [axis + 1]), blocked]), g.shapeOf(x)]),
    gather: (value) => g.reduceSum(g.op('Reshape', [value, blocked]), [axis + 1]),
  };
}
