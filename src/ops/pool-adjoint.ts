/** What pools share: summing a cotangent back over the windows that met each input, and counting what windows meet. */
import { intAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import type { Tape } from './tape.js';
import { fixedWindow, reach, spatialSizes, type Window } from './window.js';
import { scatter } from './window-adjoint.js';

export const poolWindow = (g: Tape, node: Node): Window =>
  fixedWindow(g, node, node.inputs[0] as Value, intsAttr(node, 'kernel_shape') ?? []);

/** For each input, the sum of `d` over the outputs whose windows meet it. */
export function sumBack(g: Tape, d: Value, node: Node, window: Window): Value {
  const x = node.inputs[0] as Value;
  const [input, output] = [spatialSizes(g, x), spatialSizes(g, node.outputs[0] as Value)];
  const room = reach(window);
  if (tiles(window, input)) return enlarged(g, d, window.kernel);
  if ([...window.strides, ...window.dilations].every((step) => step === 1)) {
    const pads = [...window.begin, ...window.end].map((size, i) => room[i % room.length]! - size);
    const means = g.op('AveragePool', [d], { kernel_shape: window.kernel, pads, count_include_pad: 1 });
    return g.mul(means, g.num(x, sizeOf(window.kernel)));
  }
  // one channel at a time, so that their number may be symbolic
  const spatial = output
    ? g.ints([-1, 1, ...output])
    : g.concat([g.ints([-1, 1]), g.op('Shape', [d], { start: 2 })], 0);
  const ones = g.full(x, [1, 1, ...window.kernel], 1);
  const single = g.op('Reshape', [d, spatial]);
  return g.reshapeAs(scatter(g, single, ones, x, { group: 1, window, input, output }), x);
}

/** Whether the windows lie side by side and cover the whole input. */
export const tiles = (
  { kernel, strides, dilations, begin, end }: Window,
  input: readonly number[] | undefined,
): boolean =>
  input !== undefined &&
  kernel.every(
    (size, i) =>
      strides[i] === size &&
      (dilations[i] === 1 || size === 1) &&
      begin[i] === 0 &&
      end[i] === 0 &&
      input[i]! % size === 0,
  );

/** Each element repeated over a tile; Resize is many times faster than Expand over inner axes. */
export const enlarged = (g: Tape, d: Value, kernel: readonly number[]): Value =>
  g.op('Resize', [d, null, g.floats([1, 1, ...kernel])], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });

/** By how many elements AveragePool divides at each output: a constant, or computed where sizes are symbolic. */
export function counts(g: Tape, node: Node, window: Window, dy: Value): Value {
  const x = node.inputs[0] as Value;
  const [input, output] = [spatialSizes(g, x), spatialSizes(g, node.outputs[0] as Value)];
  const withPadding = intAttr(node, 'count_include_pad', 0) !== 0;
  const isEven = intAttr(node, 'ceil_mode', 0) === 0;
  const isUnpadded = [...window.begin, ...window.end].every((size) => size === 0);
  if (isEven && (withPadding || isUnpadded)) return g.num(x, sizeOf(window.kernel));
  if (!input || !output) return countsByShape(g, x, dy, window, withPadding);
  const along = window.kernel.map((_, i) =>
    Array.from({ length: output[i]! }, (_, at) => met(window, i, at, input[i]!, withPadding)),
  );
  const all = along.reduce<number[]>((found, axis) => found.flatMap((count) => axis.map((n) => count * n)), [1]);
  return g.constant(tensorOf(g.dtype(x), output, Float32Array.from(all)));
}

/** How many positions of the kernel at output `at` count along one axis. */
function met(
  { kernel, strides, dilations, begin, end }: Window,
  i: number,
  at: number,
  size: number,
  withPadding: boolean,
): number {
  const [from, to] = withPadding ? [-begin[i]!, size + end[i]!] : [0, size];
  const places = Array.from({ length: kernel[i]! }, (_, k) => at * strides[i]! - begin[i]! + k * dilations[i]!);
  return places.filter((place) => place >= from && place < to).length;
}

/** The same pool's sum over ones, padded with ones where padding counts, with zeros elsewhere and beyond (ceil_mode). */
function countsByShape(g: Tape, x: Value, dy: Value, window: Window, withPadding: boolean): Value {
  const { kernel, strides, dilations, begin, end } = window;
  const axes = g.ints(kernel.map((_, i) => i + 2));
  const zeros = kernel.map(() => 0);
  const shape = g.concat([g.ints([1, 1]), g.op('Shape', [x], { start: 2 })], 0);
  const ones = g.op('Expand', [g.num(x, 1), shape]);
  const framed = g.op('Pad', [ones, g.ints([...begin, ...end]), g.num(x, withPadding ? 1 : 0), axes]);
  const whole = g.op('Pad', [framed, g.ints([...zeros, ...strides]), null, axes]);
  const sums = g.op('Conv', [whole, g.full(x, [1, 1, ...kernel], 1)], { strides, dilations });
  return g.op('Slice', [sums, g.ints(zeros), g.op('Shape', [dy], { start: 2 }), axes]);
}
