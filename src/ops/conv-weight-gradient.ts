/** The gradient of a convolution towards its weight, formulated by shape: one large product each. */
import type { Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { type DataType, sizeOf } from '../tensor/dtype.js';
import type { Tape } from './tape.js';
import { offsets, padded, reach, type Window } from './window.js';
import type { Sliding } from './window-adjoint.js';

export interface WeightProblem extends Sliding {
  /** How many samples, where fixed. */
  readonly batch: number | undefined;
  readonly dtype: DataType;
}

type Formulation = (g: Tape, x: Value, dy: Value, problem: WeightProblem) => Value;

/** In the shape of the weight; `x` is what the window slides over and `dy` the cotangent of the result. */
export function towardsWeight(g: Tape, x: Value, dy: Value, problem: WeightProblem): Value {
  if (problem.window.kernel.length !== 1) return formulationOf(problem)(g, x, dy, problem);
  const inPlane = planar(problem);
  const dw = formulationOf(inPlane)(g, g.unsqueeze(x, [2]), g.unsqueeze(dy, [2]), inPlane);
  return g.reshape(dw, problem.shape);
}

/** One spatial axis as the second of two. */
function planar({ shape, window, input, output, ...rest }: WeightProblem): WeightProblem {
  const { kernel, strides, dilations, begin, end } = window;
  return {
    ...rest,
    shape: [...shape.slice(0, 2), 1, ...kernel],
    window: {
      kernel: [1, ...kernel],
      strides: [1, ...strides],
      dilations: [1, ...dilations],
      begin: [0, ...begin],
      end: [0, ...end],
    },
    input: input && [1, ...input],
    output: output && [1, ...output],
  };
}

/**
 * The fastest of those measured; `pointwise` and `spread` need no sizes. Processor time of the weight's gradient alone, as ratios to
 * the forward with a constant weight (its own batch in brackets):
 *
 *                                       rows  stacked  gathered  spread
 *     3x3, 16 channels, 32 x 32 (16)     2.2      2.3       3.7     4.2
 *     3x3, 32, 16 x 16 (16)              2.1      2.5       2.3     3.0
 *     3x3, 64, 8 x 8 (16)                2.9      3.5       1.8     3.0
 *     3x3, 32 to 128, 55 x 55 (1)        1.2      1.5       1.6     1.4
 *     3x3, 64 to 256, 13 x 13 (1)        1.4      2.3       1.4     1.2
 *     3x3, 64, 56 x 56 (8)               1.7      1.4       2.3     2.0
 *     3x3, 512, 7 x 7 (8)                2.2      2.6       1.3     1.9
 *     3x3 stride 2, 128, 14 x 14 (8)       -        -       1.3     1.3
 *     3x3, 32 groups of 4, 28 x 28 (8)   2.1      1.8         -     3.8
 *     3x3 depthwise, 96, 56 x 56 (8)     6.4      5.8         -     8.6
 *     3x3 depthwise, 32, 24 x 24 (16)    5.2      7.3         -     9.5
 *     3x3 depthwise, 128, 6 x 6 (16)      11       11         -     7.4
 *     7x7 depthwise, 96, 28 x 28 (8)       -       13         -      38
 */
function formulationOf({ shape, group, window, input, output, batch }: WeightProblem): Formulation {
  const [outputs, channels] = [shape[0]! / group, shape[1]!];
  const positions = sizeOf(window.kernel);
  const pixels = output && sizeOf(output);
  if (positions === 1) return pixels && pixels * (outputs + channels) < outputs * channels ? pooled : pointwise;
  if (!input || pixels === undefined) return spread;
  if (group === 1 && channels >= 32 && pixels < 256 && batch !== 1) return gathered;
  if (input.length > 2 || window.strides.some((step) => step !== 1)) {
    const isDepthwise = channels === 1 && group > 1;
    return isDepthwise && positions >= 25 && batch !== undefined ? perSample : spread;
  }
  if (window.kernel[0] === 1) return rows;
  if (positions > 9) return stacked;
  if (pixels < (group === 1 ? 256 : 64)) return spread;
  return channels === 1 || outputs > channels ? rows : stacked;
}

/** One kernel position: a product over pixels. */
const pointwise: Formulation = (g, x, dy, { shape, group, window, batch }) => {
  const columns = g.reshape(sampled(g, x, window), [0, group, shape[1]!, -1]);
  return product(g, dy, columns, shape, group, batch);
};

/** The same with the pixels of all samples in one row: for many channels of few pixels, where sums of products would cost more. */
const pooled: Formulation = (g, x, dy, { shape, group, window }) => {
  const inRow = (value: Value, channels: number): Value => {
    const split = g.reshape(value, [0, group, channels, -1]);
    return g.reshape(g.transpose(split, [1, 2, 0, 3]), [group, channels, -1]);
  };
  const columns = inRow(sampled(g, x, window), shape[1]!);
  return g.reshape(g.matmul(inRow(dy, shape[0]! / group), g.transpose(columns, [0, 2, 1])), shape);
};

/** The pixels that a kernel of one position meets. */
function sampled(g: Tape, x: Value, { strides, begin, end }: Window): Value {
  const whole = padded(g, x, begin, end);
  if (strides.every((step) => step === 1)) return whole;
  const starts = g.ints(begin.map(() => 0));
  const ends = g.ints(begin.map(() => Number.MAX_SAFE_INTEGER));
  return g.op('Slice', [whole, starts, ends, g.ints(begin.map((_, i) => i + 2)), g.ints(strides)]);
}

/** Patches by a convolution with one-hot kernels; then a product over pixels. */
const spread: Formulation = (g, x, dy, { shape, group, window, dtype, batch }) => {
  const { kernel, strides, dilations, begin, end } = window;
  const positions = sizeOf(kernel);
  const attributes = { strides, dilations, pads: [...begin, ...end] };
  const patches = copies(g, x, { channels: shape[1]! * group, dtype, kernel, places: upTo(positions), attributes });
  // pixels in the last of four axes, so that neither their number nor that of samples need be known
  const flat = g.reshape(patches, [0, 0, 1, -1]);
  return product(g, dy, g.reshape(flat, [-1, group, shape[1]! * positions, 0]), shape, group, batch);
};

/** [N, group, outputs, pixels] times [N, group, columns, pixels] transposed, summed over samples. */
function product(
  g: Tape,
  dy: Value,
  columns: Value,
  shape: readonly number[],
  group: number,
  batch: number | undefined,
): Value {
  const each = g.matmul(g.reshape(dy, [0, group, shape[0]! / group, -1]), g.transpose(columns, [0, 1, 3, 2]));
  return g.reshape(overSamples(g, each, batch), shape);
}

const overSamples = (g: Tape, each: Value, batch: number | undefined): Value =>
  batch === 1 ? each : g.reduceSum(each, [0]);

/**
 * Stride 1: the data shifted along its rows, once per kernel column; then a kernel row is a range of image rows, and a product each.
 */
const rows: Formulation = (g, x, dy, { shape, group, window, output, batch }) => {
  const [kh, kw] = window.kernel as [number, number];
  const [dh, dw] = window.dilations as [number, number];
  const [height, width] = output as [number, number];
  const [outputs, channels] = [shape[0]! / group, shape[1]!];
  const lines = (height + dh * (kh - 1)) * width;
  const framed = padded(g, x, window.begin, window.end);
  const shifts = shiftsOf(g, framed, kw, dw, width).map((shift) => g.reshape(shift, [0, group, channels, lines]));
  const columns = kw === 1 ? shifts[0]! : g.concat(shifts, 2);
  const cotangent = g.reshape(dy, [0, group, outputs, height * width]);
  // the runtime copies the right side of a product into blocks: the smaller one stands there
  const isFew = 2 * outputs <= kw * channels;
  const parts = Array.from({ length: kh }, (_, i) => {
    const met = kh === 1 ? columns : g.slice(columns, [i * dh * width], [(i * dh + height) * width], [3]);
    const [left, right] = isFew ? [met, cotangent] : [cotangent, met];
    const sums = overSamples(g, g.matmul(left, g.transpose(right, [0, 1, 3, 2])), batch);
    const turned = isFew ? g.transpose(g.reshape(sums, [group, kw * channels, outputs]), [0, 2, 1]) : sums;
    return g.reshape(turned, [group, outputs, 1, kw, channels]);
  });
  const all = kh === 1 ? parts[0]! : g.concat(parts, 2);
  return g.reshape(g.transpose(all, [0, 1, 4, 2, 3]), shape);
};

/**
 * Stride 1: the data shifted once per kernel column, the cotangent once per kernel row. One product then holds all pairs, with k
 * copies of each side, not k * k of one.
 */
const stacked: Formulation = (g, x, dy, { shape, group, window, output, dtype, batch }) => {
  const { begin, end } = window;
  const [kh, kw] = window.kernel as [number, number];
  const [dh, dw] = window.dilations as [number, number];
  const [outputs, channels] = [shape[0]! / group, shape[1]!];
  const [room] = reach(window) as [number, number];
  const width = output![1]!;
  const lines = (output![0]! + room) * width;
  const across = { channels: channels * group, dtype, kernel: [1, kw], places: upTo(kw) };
  const down = { channels: shape[0]!, dtype, kernel: [kh, 1], places: upTo(kh).reverse() };
  const joined = (parts: readonly Value[], all: number): Value =>
    g.concat(
      parts.map((part) => g.reshape(part, [0, all, 1, lines])),
      2,
    );
  const shifts = isPaired(across)
    ? copies(g, x, { ...across, attributes: { dilations: [1, dw], pads: [...begin, ...end] } })
    : joined(shiftsOf(g, padded(g, x, begin, end), kw, dw, width), channels * group);
  const falls = isPaired(down)
    ? copies(g, dy, { ...down, attributes: { dilations: [dh, 1], pads: [room, 0, room, 0] } })
    : joined(
        upTo(kh).map((i) => padded(g, dy, [i * dh, 0], [room - i * dh, 0])),
        shape[0]!,
      );
  const left = g.reshape(falls, [-1, group, outputs * kh, lines]);
  const right = g.reshape(shifts, [-1, group, channels * kw, lines]);
  const each = g.matmul(left, g.transpose(right, [0, 1, 3, 2]));
  const sums = g.reshape(overSamples(g, each, batch), [group, outputs, kh, channels, kw]);
  return g.reshape(g.transpose(sums, [0, 1, 3, 2, 4]), shape);
};

/** Ranges of image columns, one per column of the kernel. */
const shiftsOf = (g: Tape, framed: Value, count: number, step: number, width: number): Value[] =>
  upTo(count).map((j) => g.slice(framed, [j * step], [j * step + width], [3]));

interface Copies {
  readonly channels: number;
  readonly dtype: DataType;
  readonly kernel: readonly number[];
  /** For each copy, the place in the flattened kernel that it takes its pixels from. */
  readonly places: readonly number[];
  readonly attributes: Readonly<Record<string, readonly number[]>>;
}

/**
 * Each channel several times, [..., copies, ...sizes], by a convolution with one-hot kernels. Channels go in as samples: as fast as a
 * group a channel, which onnxruntime 1.30 computes wrongly on WebGPU (5 and more outputs a group, no multiple of 4).
 */
function copies(g: Tape, x: Value, { attributes, ...made }: Copies): Value {
  const { dtype, kernel, places } = made;
  const group = isPaired(made) ? 2 : 1;
  const positions = sizeOf(kernel);
  const kernels = new Float32Array(group * places.length * positions);
  for (let i = 0; i < group * places.length; i++) kernels[i * positions + places[i % places.length]!] = 1;
  const planes = g.reshape(x, [-1, group, ...kernel.map(() => 0)]);
  const weight = g.constant(tensorOf(dtype, [group * places.length, 1, ...kernel], kernels));
  return g.op('Conv', [planes, weight], { group, ...attributes });
}

/** Whether channels go in pairs, as two groups of 3: a single group would be computed on the CPU in blocks of 16 channels. */
const isPaired = ({ channels, places }: Pick<Copies, 'channels' | 'places'>): boolean =>
  channels % 2 === 0 && places.length === 3;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

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
