/** The gradient of a MaxPool whose windows overlap: where the first maximum of each lies, found axis by axis. */
import type { Value } from '../ir/types.js';
import { sizeOf } from '../tensor/dtype.js';
import { int64 } from '../tensor/tensor.js';
import { isTrue } from './masks.js';
import type { Tape } from './tape.js';
import { offsets, reach, type Window } from './window.js';

export interface Pool {
  readonly x: Value;
  readonly y: Value;
  readonly window: Window;
  /** Fixed sizes of the spatial axes of x and of y. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** Each cotangent added to the first maximum of its window, in the order of the flattened plane. */
export function firstMaxima(g: Tape, dy: Value, pool: Pool): Value {
  const { x, window, input, output } = pool;
  const { begin, strides } = window;
  const room = reach(window);
  const end = output.map((count, i) => Math.max(0, (count - 1) * strides[i]! + room[i]! + 1 - begin[i]! - input[i]!));
  const sizes = input.map((size, i) => size + begin[i]! + end[i]!);
  const isFramed = [...begin, ...end].some((size) => size > 0);
  const framed = isFramed ? g.op('Pad', [x, g.ints([0, 0, ...begin, 0, 0, ...end]), g.num(x, lowest(g, x))]) : x;
  const sums = scattered(g, dy, placesInWindows(g, framed, sizes, pool), sizes, pool);
  if (!isFramed) return g.reshapeAs(sums, x);
  const last = begin.map((from, i) => from + input[i]!);
  const axes = input.map((_, i) => i + 1);
  return g.reshapeAs(g.slice(g.reshape(sums, [-1, ...sizes]), begin, last, axes), x);
}

const lowest = (g: Tape, x: Value): number => (g.dtype(x) === 'float64' ? -Number.MAX_VALUE : -3.4028234663852886e38);

/**
 * How far behind its window's first element each first maximum lies in a plane of `sizes`. Pooled along the last axis first, so
 * that the outer axes choose among rows that have chosen already.
 */
function placesInWindows(g: Tape, framed: Value, sizes: readonly number[], { x, y, window, output }: Pool): Value {
  const { kernel, strides, dilations } = window;
  const along = (list: readonly number[], axis: number): number[] => list.map((size, i) => (i === axis ? size : 1));
  let value = framed;
  let places: Value | undefined;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const attributes = {
      kernel_shape: along(kernel, axis),
      strides: along(strides, axis),
      dilations: along(dilations, axis),
    };
    const best = axis === 0 ? y : g.op('MaxPool', [value], attributes);
    const parts = (of: Value): Value[] => each(kernel[axis]!, (j) => part(g, of, j, axis, window, output));
    const step = g.num(x, dilations[axis]! * sizeOf(sizes.slice(axis + 1)));
    const isBelow = parts(value).map((candidate) => isTrue(g, 'Less', candidate, best, x));
    places = chosen(g, isBelow, places && parts(places), step);
    value = best;
  }
  return places as Value;
}

/** The places of the first of k candidates that is not below the best; the j-th lies j steps behind where `places` say. */
function chosen(
  g: Tape,
  isBelow: readonly Value[],
  places: readonly Value[] | undefined,
  step: Value,
): Value | undefined {
  let rest: Value | undefined;
  for (let j = isBelow.length - 1; j > 0; j--) {
    const further = places ? g.add(g.sub(places[j]!, places[j - 1]!), step) : step;
    rest = g.mul(isBelow[j - 1]!, rest ? g.add(further, rest) : further);
  }
  if (!places) return rest;
  return rest ? g.add(places[0]!, rest) : places[0];
}

/** What the j-th element of every window is along an axis. */
function part(
  g: Tape,
  of: Value,
  j: number,
  axis: number,
  { strides, dilations }: Window,
  output: readonly number[],
): Value {
  const from = j * dilations[axis]!;
  const to = from + (output[axis]! - 1) * strides[axis]! + 1;
  return g.op('Slice', [of, g.ints([from]), g.ints([to]), g.ints([axis + 2]), g.ints([strides[axis]!])]);
}

const each = (count: number, make: (i: number) => Value): Value[] => Array.from({ length: count }, (_, i) => make(i));

/** Plane by plane, [planes, elements]. */
function scattered(g: Tape, dy: Value, places: Value, sizes: readonly number[], { x, window, output }: Pool): Value {
  const starts = offsets(output, window.strides, sizes);
  const flat = (value: Value): Value => g.reshape(value, [-1, starts.length]);
  const indices = g.add(flat(g.cast(places, 'int64')), g.constant(int64([1, starts.length], starts)));
  const updates = flat(dy);
  const shape = g.concat([g.op('Shape', [updates], { end: 1 }), g.ints([sizeOf(sizes)])], 0);
  const zeros = g.op('Expand', [g.num(x, 0), shape]);
  return g.op('ScatterElements', [zeros, indices, updates], { axis: 1, reduction: 'add' });
}
