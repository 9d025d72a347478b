/** The gradient of a MaxPool that slides along one axis a step at a time: comparisons and shifts, without a scatter. */
import type { Value } from '../ir/types.js';
import type { Pool } from './first-maxima.js';
import { isTrue } from './masks.js';
import type { Tape } from './tape.js';
import type { Window } from './window.js';

/** The one axis of a window that `firstMaximaAlong` is for and faster with: a few elements, at stride 1. */
export function slidingAxis({ kernel, strides, begin, end }: Window): number | undefined {
  const axis = kernel.findIndex((size) => size > 1);
  const isAlone = kernel.every((size, i) => i === axis || (size === 1 && begin[i] === 0 && end[i] === 0));
  const isFew = axis >= 0 && kernel[axis]! <= 5;
  return isAlone && isFew && strides.every((step) => step === 1) ? axis : undefined;
}

/** Each cotangent to the first maximum of its window: what one element does not take goes on to the next. */
export function firstMaximaAlong(g: Tape, dy: Value, { x, y, window, input, output }: Pool, axis: number): Value {
  const [count, step, front] = [window.kernel[axis]!, window.dilations[axis]!, window.begin[axis]!];
  const shifted = (value: Value, before: number, behind: number, fill?: Value): Value => {
    if (before === 0 && behind === 0) return value;
    const pads = [before, behind].flatMap((size) => [0, 0, ...input.map((_, i) => (i === axis ? size : 0))]);
    return g.op('Pad', [value, g.ints(pads), ...(fill ? [fill] : [])]);
  };
  const rest = input[axis]! - output[axis]!;
  const lowest = g.num(x, g.dtype(x) === 'float64' ? -Number.MAX_VALUE : -3.4028234663852886e38);
  const parts: Value[] = [];
  let left = dy;
  for (let j = 0; j < count; j++) {
    const before = j * step - front;
    const element = shifted(x, -before, before - rest, lowest);
    const passed = j < count - 1 ? g.mul(left, isTrue(g, 'Less', element, y, x)) : undefined;
    parts.push(shifted(passed ? g.sub(left, passed) : left, before, rest - before));
    if (passed) left = passed;
  }
  return parts.reduce((a, b) => g.add(a, b));
}
