/** Fourier transforms. Complex numbers are pairs on the last axis; the adjoint of a transform is one the other way. */
import { unsupported } from '../errors.js';
import { describe, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { dataOf, int64 } from '../tensor/tensor.js';
import { counting, countOf } from './attend.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

/** y = F x, or F* x / L the other way round, where x is cut or filled with zeros to the length L of the transform. */
export const DFT: OpDef = {
  vjp(g, [given], node) {
    const dy = given as Value;
    const [x, length] = node.inputs as readonly [Value, Value?];
    const axis = axisOf(g, node, x);
    const isInverse = intAttr(node, 'inverse', 0) !== 0;
    const isHalf = intAttr(node, 'onesided', 0) !== 0;
    const count = countsOf(g, { x, dy, length, axis, isHalf, isInverse });
    const scalar = g.reshape(count, []);
    const transform = (attributes: Record<string, number>): Value =>
      g.op('DFT', [dy, scalar, g.constant(int64([], [axis]))], attributes);
    const size = g.cast(scalar, g.dtype(x));
    if (!isInverse) return [fitted(g, x, axis, g.mul(transform({ inverse: 1 }), size)), null, null];
    const back = g.div(transform(isHalf ? { onesided: 1 } : {}), size);
    return [fitted(g, x, axis, isHalf ? g.mul(back, multiplicity(g, x, axis, count)) : back), null, null];
  },
};

/** Counted from the end. */
function axisOf(g: Tape, node: Node, x: Value): number {
  const given = node.inputs[2];
  if (!given) return -2;
  const stored = g.tensorOf(given);
  if (!stored) throw unsupported(describe(node), 'expected a constant axis, got a computed one; fold it');
  const axis = Number(dataOf(stored)[0]);
  return axis < 0 ? axis : axis - g.rank(x);
}

interface Lengths {
  readonly x: Value;
  readonly dy: Value;
  readonly length: Value | null | undefined;
  readonly axis: number;
  readonly isHalf: boolean;
  readonly isInverse: boolean;
}

/** The length of the transform, int64 [1]. */
function countsOf(g: Tape, { x, dy, length, axis, isHalf, isInverse }: Lengths): Value {
  if (length) return g.reshape(g.cast(length, 'int64'), [1]);
  // half of the numbers stand for all only where these are complex: the input of the way back
  const whole = isHalf && isInverse ? dy : x;
  return g.op('Shape', [whole], { start: axis, end: axis + 1 });
}

/** A half transform has one number for two, but for the first and, of an even length, the last. */
function multiplicity(g: Tape, x: Value, axis: number, count: Value): Value {
  const one = g.ints([1]);
  const bins = g.add(g.op('Div', [count, g.ints([2])]), one);
  const places = counting(g, g.ints([0]), bins);
  const isTwice = g.op('And', [g.op('Greater', [places, g.ints([0])]), g.op('Less', [g.add(places, places), count])]);
  const factors = g.add(g.cast(isTwice, g.dtype(x)), g.num(x, 1));
  return g.reshape(factors, [-1, ...Array<number>(-axis - 1).fill(1)]);
}

/** A cotangent of the transformed numbers in the shape of `x`: the real parts of real ones, what was cut off as zeros. */
function fitted(g: Tape, x: Value, axis: number, d: Value): Value {
  const parts = g.size(x, -1) === 2 ? d : g.op('Slice', [d, g.ints([0]), countOf(g, x, g.rank(x) - 1), g.ints([-1])]);
  const filled = g.concat([parts, g.zerosLike(x)], axis);
  const size = g.op('Shape', [x], { start: axis, end: axis === -1 ? undefined : axis + 1 });
  return g.op('Slice', [filled, g.ints([0]), size, g.ints([axis])]);
}

/** Frames of a signal [batch, steps] or [batch, steps, 1 or 2], times a window, each transformed. */
export const STFT: OpDef = {
  expand(g, node) {
    const [signal, step, window, length] = node.inputs as readonly [Value, Value, Value?, Value?];
    const x = g.rank(signal) === 2 ? g.unsqueeze(signal, [2]) : signal;
    if (window && g.rank(signal) === 3 && g.size(signal, 2) !== 1) {
      throw unsupported(
        describe(node),
        'expected a real signal beside a window, got a complex one, for which the runtime reads the window as complex; multiply the frames',
      );
    }
    const whole = (value: Value): Value => g.reshape(g.cast(value, 'int64'), []);
    const size = length ? whole(length) : g.op('Size', [window as Value]);
    const zero = g.constant(int64([], [0]));
    const one = g.constant(int64([], [1]));
    const last = g.sub(g.squeeze(g.op('Shape', [signal], { start: 1, end: 2 }), [0]), size);
    const starts = g.unsqueeze(g.op('Range', [zero, g.add(last, one), whole(step)]), [1]);
    const places = g.add(starts, g.op('Range', [zero, size, one]));
    const frames = g.op('Gather', [x, places], { axis: 1 });
    const weighted = window ? g.mul(frames, g.unsqueeze(window, [1])) : frames;
    const onesided = intAttr(node, 'onesided', 1);
    return [g.op('DFT', [weighted, null, g.constant(int64([], [-2]))], { onesided })];
  },
};
