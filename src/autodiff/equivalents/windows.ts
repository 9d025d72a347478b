/**
 * Convolutions and pools in float64: a table says which element of the input each tap of the kernel reads for each element of the
 * output, Gather lays those side by side, and a product or a reduction does the rest.
 */
import { unsupported } from '../../errors.js';
import { describe, floatAttr, intAttr, intsAttr, stringAttr } from '../../ir/node.js';
import type { Node, Value } from '../../ir/types.js';
import { integersOf } from '../../ops/sizes.js';
import type { Tape } from '../../ops/tape.js';
import { int64, tensor } from '../../tensor/tensor.js';
import { type Equivalent, fixedSizes, product, upTo } from './equivalent.js';

/** Which element of an axis the tap `k` reads for the output `o`; outside [0, size) is padding. */
type Reads = (k: number, o: number) => number;

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly outputs: number;
  readonly reads: Reads;
}

/** y = Wx + b over windows. */
export const Conv: Equivalent = (g, node) => {
  const [x, w, b] = node.inputs as [Value, Value, Value?];
  const groups = intAttr(node, 'group', 1);
  const [n, channels, ...sizes] = fixedSizes(g, x, node) as [number, number, ...number[]];
  const [maps, , ...kernel] = fixedSizes(g, w, node) as [number, number, ...number[]];
  const outputs = fixedSizes(g, node.outputs[0] as Value, node).slice(2);
  const patches = gathered(g, x, [n, channels], slidingAxes(node, sizes, kernel, outputs));
  const rows = product(kernel) * (channels / groups);
  const products = g.matmul(
    g.reshape(w, [groups, maps / groups, rows]),
    g.reshape(patches, [n, groups, rows, product(outputs)]),
  );
  return [withBias(g, g.reshape(products, [n, maps, ...outputs]), b, outputs.length)];
};

/** The transpose of a convolution: an output reads the inputs whose windows cover it. */
export const ConvTranspose: Equivalent = (g, node) => {
  const [x, w, b] = node.inputs as [Value, Value, Value?];
  const groups = intAttr(node, 'group', 1);
  const [n, channels, ...sizes] = fixedSizes(g, x, node) as [number, number, ...number[]];
  const [, maps, ...kernel] = fixedSizes(g, w, node) as [number, number, ...number[]];
  const outputs = fixedSizes(g, node.outputs[0] as Value, node).slice(2);
  const patches = gathered(g, x, [n, channels], coveringAxes(node, sizes, kernel, outputs));
  const inner = channels / groups;
  const rows = product(kernel) * inner;
  const weights = g.transpose(g.reshape(w, [groups, inner, maps, product(kernel)]), [0, 2, 1, 3]);
  const products = g.matmul(
    g.reshape(weights, [groups, maps, rows]),
    g.reshape(patches, [n, groups, rows, product(outputs)]),
  );
  return [withBias(g, g.reshape(products, [n, groups * maps, ...outputs]), b, outputs.length)];
};

const withBias = (g: Tape, y: Value, b: Value | null | undefined, rank: number): Value =>
  b ? g.add(y, g.reshape(b, [1, -1, ...upTo(rank).map(() => 1)])) : y;

export const AveragePool: Equivalent = (g, node) => {
  const { patches, axes, shape } = pooled(g, node);
  const begins = intsAttr(node, 'pads') ?? [];
  const isPadCounted = intAttr(node, 'count_include_pad', 0) === 1;
  const counts = axes.map(({ size, kernel, outputs, reads }, i) => {
    const [low, high] = isPadCounted ? [-(begins[i] ?? 0), size + (begins[i + axes.length] ?? 0)] : [0, size];
    return upTo(outputs).map(
      (o) =>
        upTo(kernel).filter((k) => (isAutoPadded(node) && isPadCounted) || (reads(k, o) >= low && reads(k, o) < high))
          .length,
    );
  });
  const all = counts.reduce((sofar, next) => sofar.flatMap((a) => next.map((b) => a * b)), [1]);
  const divisor = g.constant(tensor('float64', [all.length], Float64Array.from(all)));
  return [g.reshape(g.div(g.reduceSum(patches, [2]), divisor), shape)];
};

export const LpPool: Equivalent = (g, node) => {
  const { patches, shape } = pooled(g, node);
  const x = node.inputs[0] as Value;
  const p = intAttr(node, 'p', 2);
  const powers = g.op('Pow', [g.op('Abs', [patches]), g.num(x, p)]);
  return [g.reshape(g.op('Pow', [g.reduceSum(powers, [2]), g.num(x, 1 / p)]), shape)];
};

/** The windows of a pool: [n, channels, taps, outputs], zeros beyond the border. */
function pooled(g: Tape, node: Node) {
  const x = node.inputs[0] as Value;
  const [n, channels, ...sizes] = fixedSizes(g, x, node) as [number, number, ...number[]];
  const shape = fixedSizes(g, node.outputs[0] as Value, node);
  const axes = slidingAxes(node, sizes, intsAttr(node, 'kernel_shape') as readonly number[], shape.slice(2));
  return { patches: gathered(g, x, [n, channels], axes), axes, shape };
}

export const GlobalAveragePool: Equivalent = (g, node) => [
  g.op('ReduceMean', [node.inputs[0] as Value, spatialAxes(g, node)], { keepdims: 1 }),
];

export const GlobalMaxPool: Equivalent = (g, node) => [
  g.op('ReduceMax', [node.inputs[0] as Value, spatialAxes(g, node)], { keepdims: 1 }),
];

export const GlobalLpPool: Equivalent = (g, node) => {
  const x = node.inputs[0] as Value;
  const p = intAttr(node, 'p', 2);
  const powers = g.op('Pow', [g.op('Abs', [x]), g.num(x, p)]);
  const sum = g.op('ReduceSum', [powers, spatialAxes(g, node)], { keepdims: 1 });
  return [g.op('Pow', [sum, g.num(x, 1 / p)])];
};

const spatialAxes = (g: Tape, node: Node): Value => g.ints(upTo(g.rank(node.inputs[0] as Value)).slice(2));

/** Overlapping blocks added up where they came from: the input holds a column for each place of the block. */
export const Col2Im: Equivalent = (g, node) => {
  const x = node.inputs[0] as Value;
  const [n, rows, columns] = fixedSizes(g, x, node) as [number, number, number];
  const [, channels, ...outputs] = fixedSizes(g, node.outputs[0] as Value, node) as [number, number, ...number[]];
  const kernel = integersOf(g, node.inputs[2]);
  if (!kernel) throw unsupported(describe(node), 'expected a constant block in float64, got a computed one; fold it');
  const sizes = upTo(kernel.length).map((i) => placesOf(node, outputs, kernel, i));
  const axes = coveringAxes(node, sizes, kernel, outputs);
  const taps = rows / channels;
  const table = tableOf(axes).map((at, i) =>
    at < 0 ? taps * columns : Math.floor(i / product(outputs)) * columns + at,
  );
  const flat = g.reshape(x, [n, channels, taps * columns]);
  const sums = g.reduceSum(picked(g, flat, table, [taps, product(outputs)]), [2]);
  return [g.reshape(sums, [n, channels, ...outputs])];
};

/** How many blocks fit along an axis. */
function placesOf(node: Node, outputs: readonly number[], kernel: readonly number[], i: number): number {
  const [strides, dilations, pads] = ['strides', 'dilations', 'pads'].map((name) => intsAttr(node, name));
  const total = (pads?.[i] ?? 0) + (pads?.[i + kernel.length] ?? 0);
  const reach = (dilations?.[i] ?? 1) * ((kernel[i] as number) - 1) + 1;
  return Math.floor(((outputs[i] as number) + total - reach) / (strides?.[i] ?? 1)) + 1;
}

/** The sum of squares of neighbouring channels. */
export const LRN: Equivalent = (g, node) => {
  const x = node.inputs[0] as Value;
  const [n, channels, ...sizes] = fixedSizes(g, x, node) as [number, number, ...number[]];
  const width = intAttr(node, 'size', 1);
  const before = Math.floor((width - 1) / 2);
  const table = upTo(width).flatMap((k) =>
    upTo(channels).map((c) => {
      const at = c + k - before;
      return at < 0 || at >= channels ? channels : at;
    }),
  );
  const squares = g.reshape(g.mul(x, x), [n, channels, -1]);
  const zero = g.op('Pad', [squares, g.ints([0, 0, 0, 0, 1, 0])]);
  const index = g.constant(int64([width, channels], table));
  const sums = g.reshape(g.reduceSum(g.op('Gather', [zero, index], { axis: 1 }), [1]), [n, channels, ...sizes]);
  const scaled = g.mul(sums, g.num(x, floatAttr(node, 'alpha', Math.fround(1e-4)) / width));
  const base = g.add(scaled, g.num(x, floatAttr(node, 'bias', 1)));
  return [g.div(x, g.op('Pow', [base, g.num(x, floatAttr(node, 'beta', 0.75))]))];
};

/** A window that slides over the input. */
function slidingAxes(
  node: Node,
  sizes: readonly number[],
  kernel: readonly number[],
  outputs: readonly number[],
): readonly Axis[] {
  return sizes.map((size, i) => {
    const { stride, dilation } = stepOf(node, i);
    const count = outputs[i] as number;
    const taps = kernel[i] as number;
    const needed = (count - 1) * stride + dilation * (taps - 1) + 1 - size;
    const begin = beginOf(node, i, Math.max(0, needed));
    return { size, kernel: taps, outputs: count, reads: (k, o) => o * stride + k * dilation - begin };
  });
}

/** The windows that cover an output: the other way round. */
function coveringAxes(
  node: Node,
  sizes: readonly number[],
  kernel: readonly number[],
  outputs: readonly number[],
): readonly Axis[] {
  return sizes.map((size, i) => {
    const { stride, dilation } = stepOf(node, i);
    const count = outputs[i] as number;
    const taps = kernel[i] as number;
    const extra = intsAttr(node, 'output_padding')?.[i] ?? 0;
    const begin = beginOf(node, i, (size - 1) * stride + extra + dilation * (taps - 1) + 1 - count);
    return {
      size,
      kernel: taps,
      outputs: count,
      reads: (k, o) => {
        const at = o + begin - k * dilation;
        return at % stride === 0 ? at / stride : -1;
      },
    };
  });
}

const stepOf = (node: Node, i: number) => ({
  stride: intsAttr(node, 'strides')?.[i] ?? 1,
  dilation: intsAttr(node, 'dilations')?.[i] ?? 1,
});

const isAutoPadded = (node: Node): boolean => stringAttr(node, 'auto_pad', 'NOTSET').startsWith('SAME');

/** How much padding stands before an axis, of `total` where the node leaves it open. */
function beginOf(node: Node, i: number, total: number): number {
  const isUpper = stringAttr(node, 'auto_pad', 'NOTSET') === 'SAME_UPPER';
  if (isAutoPadded(node) || node.attrs.output_shape)
    return isUpper ? Math.floor(total / 2) : total - Math.floor(total / 2);
  return intsAttr(node, 'pads')?.[i] ?? 0;
}

/** [n, channels, taps, outputs]: what each tap reads for each output, zero beyond the border. */
function gathered(g: Tape, x: Value, [n, channels]: readonly [number, number], axes: readonly Axis[]): Value {
  const size = product(axes.map((axis) => axis.size));
  const table = tableOf(axes).map((at) => (at < 0 ? size : at));
  const counts = [product(axes.map(({ kernel }) => kernel)), product(axes.map(({ outputs }) => outputs))] as const;
  return picked(g, g.reshape(x, [n, channels, size]), table, counts);
}

/** Elements of the last of three axes; the index behind the last reads a zero. */
function picked(g: Tape, x: Value, table: readonly number[], shape: readonly [number, number]): Value {
  const withZero = g.op('Pad', [x, g.ints([0, 0, 0, 0, 0, 1])]);
  return g.op('Gather', [withZero, g.constant(int64(shape, table))], { axis: 2 });
}

/** For all taps and outputs in order, the flat place in the input, -1 where it lies outside. */
function tableOf(axes: readonly Axis[]): number[] {
  const inside = ({ size, reads }: Axis, k: number, o: number): number => {
    const at = reads(k, o);
    return at >= 0 && at < size ? at : -1;
  };
  const taps = combinations(axes.map(({ kernel }) => kernel));
  const places = combinations(axes.map(({ outputs }) => outputs));
  return taps.flatMap((k) =>
    places.map((o) =>
      axes.reduce((flat, axis, i) => {
        const at = inside(axis, k[i] as number, o[i] as number);
        return flat < 0 || at < 0 ? -1 : flat * axis.size + at;
      }, 0),
    ),
  );
}

/** All index tuples of a shape, the last axis fastest. */
const combinations = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>((sofar, size) => sofar.flatMap((tuple) => upTo(size).map((i) => [...tuple, i])), [[]]);
