/** The gradient of a convolution towards its weight, formulated by shape: one large product each. */
import type { Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { type DataType, sizeOf } from '../tensor/dtype.js';
import type { Tape } from './tape.js';
import { padded } from './window.js';
import type { Sliding } from './window-adjoint.js';

export interface WeightProblem extends Sliding {
  /** How many samples, where fixed. */
  readonly batch: number | undefined;
  readonly dtype: DataType;
}

type Formulation = (g: Tape, x: Value, dy: Value, problem: WeightProblem) => Value;

/** In the shape of the weight; `x` is what the window slides over and `dy` the cotangent of the result. */
export const towardsWeight: Formulation = (g, x, dy, problem) => formulationOf(problem)(g, x, dy, problem);

/** The fastest of those measured (scripts/bench/conv-gradients.mjs); `pointwise` and `spread` need no sizes. */
function formulationOf({ shape, group, window, input, output, batch }: WeightProblem): Formulation {
  const positions = sizeOf(window.kernel);
  if (positions === 1) return pointwise;
  if (!input || !output) return spread;
  const canShift = input.length <= 2 && window.strides.every((step) => step === 1);
  const isDepthwise = shape[1] === 1 && group > 1;
  const isLarge = positions >= 25;
  if (isDepthwise && !isLarge) return spread;
  if (isDepthwise && !canShift && batch !== undefined) return perSample;
  if (group === 1 && shape[1]! >= 32 && sizeOf(output) <= 256) return gathered;
  const isWide = sizeOf(output) >= 1024 && shape[1]! >= 8;
  return canShift && (group > 1 || isLarge || isWide) ? shifted : spread;
}

/** One kernel position: a product over pixels. */
const pointwise: Formulation = (g, x, dy, { shape, group, window }) => {
  const { strides, begin, end } = window;
  const whole = padded(g, x, begin, end);
  const axes = begin.map((_, i) => i + 2);
  const met = strides.every((step) => step === 1)
    ? whole
    : g.op('Slice', [
        whole,
        g.ints(begin.map(() => 0)),
        g.ints(begin.map(() => Number.MAX_SAFE_INTEGER)),
        g.ints(axes),
        g.ints(strides),
      ]);
  return product(g, dy, g.reshape(met, [0, group, shape[1]!, -1]), shape, group);
};

/**
 * Patches by a convolution with one-hot kernels; then a product over pixels. Channels go in as samples: as fast as a group a channel,
 * which onnxruntime 1.30 computes wrongly on WebGPU (more than 4 outputs a group, no multiple of 4, but a multiple of 4 in all).
 */
const spread: Formulation = (g, x, dy, { shape, group, window, dtype }) => {
  const { kernel, strides, dilations, begin, end } = window;
  const positions = sizeOf(kernel);
  const oneHot = new Float32Array(positions * positions);
  for (let i = 0; i < positions; i++) oneHot[i * positions + i] = 1;
  const kernels = g.constant(tensorOf(dtype, [positions, 1, ...kernel], oneHot));
  const planes = g.reshape(x, [-1, 1, ...kernel.map(() => 0)]);
  const patches = g.op('Conv', [planes, kernels], { strides, dilations, pads: [...begin, ...end] });
  // pixels in the last of four axes, so that neither their number nor that of samples need be known
  const flat = g.reshape(patches, [0, positions, 1, -1]);
  return product(g, dy, g.reshape(flat, [-1, group, shape[1]! * positions, 0]), shape, group);
};

/** [N, group, outputs, pixels] times [N, group, columns, pixels] transposed, summed over samples. */
function product(g: Tape, dy: Value, columns: Value, shape: readonly number[], group: number): Value {
  const rows = g.reshape(dy, [0, group, shape[0]! / group, -1]);
  const each = g.matmul(rows, g.transpose(columns, [0, 1, 3, 2]));
  return g.reshape(g.reduceSum(each, [0]), shape);
}

/**
 * Stride 1, one or two spatial axes: both sides flattened over pixels at the padded width, so that a kernel column is a shift
 * of the data and a kernel row a shift of the cotangent: one product holds all pairs, with k copies of each, not k * k.
 */
const shifted: Formulation = (g, x, dy, { shape, group, window, input, output }) => {
  const flat = input!.length === 1;
  const [kh, kw] = (flat ? [1, ...window.kernel] : window.kernel) as [number, number];
  const [dh, dw] = (flat ? [1, ...window.dilations] : window.dilations) as [number, number];
  const [top, left] = (flat ? [0, ...window.begin] : window.begin) as [number, number];
  const [height, width] = (flat ? [1, ...input!] : input!) as [number, number];
  const [outHeight, outWidth] = (flat ? [1, ...output!] : output!) as [number, number];
  const [fullHeight, fullWidth] = [outHeight + dh * (kh - 1), outWidth + dw * (kw - 1)];
  const length = fullHeight * fullWidth;
  const [rows, columns] = [shape[0]! / group, shape[1]!];
  // shifts run past the end by at most one kernel width
  const spare = Math.ceil((dw * (kw - 1)) / fullWidth);
  const image = g.reshape(x, [0, group, columns, height, width]);
  const pads = [0, 0, 0, top, left, 0, 0, 0, fullHeight + spare - top - height, fullWidth - left - width];
  const data = g.reshape(g.op('Pad', [image, g.ints(pads)]), [0, group, columns, -1]);
  const shifts = Array.from({ length: kw }, (_, j) => g.slice(data, [j * dw], [j * dw + length], [3]));
  const cotangent = g.reshape(dy, [0, group, rows, outHeight, outWidth]);
  const falls = Array.from({ length: kh }, (_, i) =>
    g.op('Pad', [cotangent, g.ints([0, 0, 0, i * dh, 0, 0, 0, 0, (kh - 1 - i) * dh, fullWidth - outWidth])]),
  );
  const left4 = g.reshape(kh === 1 ? falls[0]! : g.concat(falls, 2), [0, group, kh * rows, length]);
  const each = g.matmul(left4, g.transpose(kw === 1 ? shifts[0]! : g.concat(shifts, 2), [0, 1, 3, 2]));
  const sums = g.reshape(g.reduceSum(each, [0]), [group, kh, rows, kw, columns]);
  return g.reshape(g.transpose(sums, [0, 2, 4, 1, 3]), shape);
};

/** Channels last: whole pixels are gathered into patches, and all samples make one product. Without groups. */
const gathered: Formulation = (g, x, dy, { shape, window, input, output }) => {
  const { begin, end, strides, dilations, kernel } = window;
  const [rows, columns] = [shape[0]!, shape[1]!];
  const sizes = input!.map((size, i) => size + begin[i]! + end[i]!);
  const last = (value: Value): Value => {
    const axes = input!.map((_, i) => i + 2);
    return g.transpose(value, [0, ...axes, 1]);
  };
  const framed = [...begin, ...end].every((size) => size === 0)
    ? last(x)
    : g.op('Pad', [last(x), g.ints([0, ...begin, 0, 0, ...end, 0])]);
  const pixels = g.reshape(framed, [0, sizeOf(sizes), columns]);
  const places = offsets(output!, strides, sizes).flatMap((start) =>
    offsets(kernel, dilations, sizes).map((offset) => start + offset),
  );
  const patches = g.reshape(g.op('Gather', [pixels, g.ints(places)], { axis: 1 }), [-1, sizeOf(kernel) * columns]);
  const sums = g.op('Gemm', [g.reshape(last(dy), [-1, rows]), patches], { transA: 1 });
  return g.reshape(g.transpose(g.reshape(sums, [rows, sizeOf(kernel), columns]), [0, 2, 1]), shape);
};

/** Where the points of a grid with those steps lie in a flattened array of `sizes`. */
function offsets(counts: readonly number[], steps: readonly number[], sizes: readonly number[]): number[] {
  return counts.reduce<number[]>(
    (found, count, axis) =>
      found.flatMap((at) => Array.from({ length: count }, (_, i) => at * sizes[axis]! + i * steps[axis]!)),
    [0],
  );
}

/**
 * One channel a group: the cotangent itself is the kernel, a group for each channel of each sample, strides and
 * dilations exchanged. Needs a fixed batch, as the number of groups is an attribute.
 */
const perSample: Formulation = (g, x, dy, { shape, group, window, input, output, batch }) => {
  const { begin, end, strides, dilations, kernel } = window;
  const axes = kernel.map((_, i) => i + 2);
  const groups = batch! * group;
  const results = batch! * shape[0]!;
  const found = g.op('Conv', [g.reshape(x, [1, groups, ...input!]), g.reshape(dy, [results, 1, ...output!])], {
    group: groups,
    strides: dilations,
    dilations: strides,
    pads: [...begin, ...end],
  });
  // strides leave rows that no kernel position reads
  const exact = kernel.every((_, i) => strides[i] === 1);
  const cut = exact
    ? found
    : g.slice(
        found,
        kernel.map(() => 0),
        kernel,
        axes,
      );
  return g.reshape(g.reduceSum(g.reshape(cut, [batch!, ...shape]), [0]), shape);
};
