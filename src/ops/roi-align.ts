/** RoiAlign as two products: each region takes its rows of an image by one matrix and its columns by another. */
import { floatAttr, intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { counting, countOf } from './attend.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

/**
 * By averages, the mean of bilinear samples. By maxima, as ONNX Runtime computes them: of all samples the largest single neighbour
 * times its bilinear weight.
 */
export const RoiAlign: OpDef = {
  expand(g, node) {
    const [x, , images] = node.inputs as [Value, Value, Value];
    const axes = samplesOf(g, node);
    const source = g.op('Gather', [x, images], { axis: 0 });
    return [stringAttr(node, 'mode', 'avg') === 'max' ? largest(g, source, axes) : mean(g, source, axes)];
  },
};

/** The samples of all regions along one axis of the images. */
interface Samples {
  readonly x: Value;
  /** How many bins, and how many samples in each: int64 [1]. */
  readonly bins: number;
  readonly each: Value;
  /** How many of them count in each region, [regions, 1, 1]; null for all. */
  readonly counting: Value | null;
  /** Where, within the image, [regions, bins, each]. */
  readonly places: Value;
  /** 1 where a sample lies inside the image or within one pixel of it, else 0. */
  readonly inside: Value;
  /** 0, 1, ... of the pixels. */
  readonly pixels: Value;
}

function samplesOf(g: Tape, node: Node): readonly [Samples, Samples] {
  const [x, rois] = node.inputs as [Value, Value];
  const isHalfPixel = stringAttr(node, 'coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const scaled = g.mul(rois, g.num(x, floatAttr(node, 'spatial_scale', 1)));
  const corners = isHalfPixel ? g.sub(scaled, g.num(x, 0.5)) : scaled;
  const along = (column: number, axis: number, bins: number): Samples => {
    const [from, to] = [column, column + 2].map((i) => g.unsqueeze(g.slice(corners, [i], [i + 1], [1]), [2]));
    const extent = g.sub(to as Value, from as Value);
    const size = isHalfPixel ? extent : g.op('Max', [extent, g.num(x, 1)]);
    return placed(g, node, { from: from as Value, size, axis, bins });
  };
  return [along(1, 2, intAttr(node, 'output_height', 1)), along(0, 3, intAttr(node, 'output_width', 1))];
}

function placed(
  g: Tape,
  node: Node,
  { from, size, axis, bins }: { from: Value; size: Value; axis: number; bins: number },
): Samples {
  const x = node.inputs[0] as Value;
  const dtype = g.dtype(x);
  const ratio = intAttr(node, 'sampling_ratio', 0);
  const bin = g.div(size, g.num(x, bins));
  // as many samples as a bin has pixels, where no number is given
  const counts = ratio > 0 ? null : g.op('Ceil', [bin]);
  const each = counts
    ? g.reshape(g.cast(g.op('ReduceMax', [g.op('Max', [counts, g.num(x, 1)])], { keepdims: 0 }), 'int64'), [1])
    : g.ints([ratio]);
  const steps = g.cast(counting(g, g.ints([0]), each), dtype);
  const firsts = g.constant(
    tensorOf(
      dtype,
      [bins, 1],
      Float32Array.from({ length: bins }, (_, i) => i),
    ),
  );
  const within = g.div(g.add(steps, g.num(x, 0.5)), counts ? g.op('Max', [counts, g.num(x, 1)]) : g.num(x, ratio));
  const at = g.add(from, g.mul(bin, g.add(firsts, within)));
  const end = g.cast(countOf(g, x, axis), dtype);
  const isNear = g.op('And', [g.op('GreaterOrEqual', [at, g.num(x, -1)]), g.op('LessOrEqual', [at, end])]);
  const places = g.op('Min', [g.op('Max', [at, g.num(x, 0)]), g.sub(end, g.num(x, 1))]);
  const pixels = g.cast(counting(g, g.ints([0]), countOf(g, x, axis)), dtype);
  const live = counts && g.cast(g.op('Less', [steps, counts]), dtype);
  return { x, bins, each, counting: live, places, inside: g.cast(isNear, dtype), pixels };
}

function mean(g: Tape, source: Value, [rows, columns]: readonly [Samples, Samples]): Value {
  const matrix = ({ x, places, inside, pixels, counting }: Samples): Value => {
    const distance = g.op('Abs', [g.sub(g.unsqueeze(places, [3]), pixels)]);
    const weight = g.op('Relu', [g.sub(g.num(x, 1), distance)]);
    const share = counting
      ? g.div(g.mul(inside, counting), atLeastOne(g, x, g.reduceSum(counting, [2], true)))
      : inside;
    const weighted = g.mul(weight, g.unsqueeze(share, [3]));
    const taken = counting ? g.reduceSum(weighted, [2]) : g.op('ReduceMean', [weighted, g.ints([2])], { keepdims: 0 });
    return g.unsqueeze(taken, [1]);
  };
  const [left, right] = [matrix(rows), matrix(columns)];
  return g.matmul(g.matmul(left, source), g.transpose(right, [0, 1, 3, 2]));
}

const atLeastOne = (g: Tape, x: Value, value: Value): Value => g.op('Max', [value, g.num(x, 1)]);

function largest(g: Tape, source: Value, [rows, columns]: readonly [Samples, Samples]): Value {
  const { x } = rows;
  const corners = neighbours(g, rows).flatMap((left) => {
    const taken = g.matmul(left, source);
    return neighbours(g, columns).map((right) => g.matmul(taken, g.transpose(right, [0, 1, 3, 2])));
  });
  const best = corners.reduce((a, b) => g.op('Max', [a, b]));
  const shape = g.concat([g.ints([0, 0, rows.bins]), rows.each, g.ints([columns.bins]), columns.each], 0);
  const samples = g.op('Reshape', [best, shape]);
  const peak = (value: Value): Value => g.op('ReduceMax', [value, g.ints([3, 5])], { keepdims: 0 });
  if (!rows.counting || !columns.counting) return peak(samples);
  const live = g.mul(g.unsqueeze(rows.counting, [2, 4, 5]), g.unsqueeze(columns.counting, [2, 3, 4]));
  const hidden = g.mul(g.sub(live, g.num(x, 1)), g.num(x, 3e38));
  // a region of no size has no samples, and is 0
  const any = g.op('ReduceMax', [live, g.ints([3, 5])], { keepdims: 0 });
  return g.mul(peak(g.add(samples, hidden)), any);
}

/** The pixel before each sample and the one behind it with their weights, each as a matrix [regions, 1, samples, pixels]. */
function neighbours(g: Tape, { x, places, inside, pixels }: Samples): readonly [Value, Value] {
  const flat = g.reshape(places, [0, -1, 1]);
  const first = g.op('Floor', [flat]);
  const rest = g.sub(flat, first);
  const counts = g.reshape(inside, [0, -1, 1]);
  const at = (place: Value, weight: Value): Value => {
    const isHere = g.cast(g.op('Equal', [place, pixels]), g.dtype(x));
    return g.unsqueeze(g.mul(isHere, g.mul(weight, counts)), [1]);
  };
  const one = g.num(x, 1);
  return [at(first, g.sub(one, rest)), at(g.add(first, one), rest)];
}
