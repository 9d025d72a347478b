/** RoiAlign with averages, as samples of each region's image followed by a pool. */
import { unsupported } from '../errors.js';
import { describe, floatAttr, intAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';
import { needsSizes, spatialSizes } from './window.js';

export const RoiAlign: OpDef = { expand: (g, node) => [expanded(g, node)] };

function expanded(g: Tape, node: Node): Value {
  const [x, rois, images] = node.inputs as [Value, Value, Value];
  const input = spatialSizes(g, x);
  const ratio = intAttr(node, 'sampling_ratio', 0);
  if (!input) throw needsSizes(node, 'regions');
  refuseOtherModes(node, ratio);
  const isHalfPixel = stringAttr(node, 'coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const scaled = g.mul(rois, g.num(x, floatAttr(node, 'spatial_scale', 1)));
  const corners = isHalfPixel ? g.sub(scaled, g.num(x, 0.5)) : scaled;
  const from = g.slice(corners, [0], [2], [1]);
  const extent = g.sub(g.slice(corners, [2], [4], [1]), from);
  const size = isHalfPixel ? extent : g.op('Max', [extent, g.num(x, 1)]);
  const axes = [
    along(g, x, from, size, 1, intAttr(node, 'output_height', 1) * ratio, input[0]!),
    along(g, x, from, size, 0, intAttr(node, 'output_width', 1) * ratio, input[1]!),
  ] as const;
  const [height, width] = [g.unsqueeze(axes[0].places, [2, 3]), g.unsqueeze(axes[1].places, [1, 3])];
  // broadcast against each other
  const grid = g.concat([g.add(width, nothing(g, x, height)), g.add(height, nothing(g, x, width))], 3);
  const source = g.op('Gather', [x, images], { axis: 0 });
  const sampled = g.op('GridSample', [source, grid], { mode: 'linear', padding_mode: 'border', align_corners: 0 });
  const inside = g.mul(g.unsqueeze(axes[0].isInside, [1, 3]), g.unsqueeze(axes[1].isInside, [1, 2]));
  const counted = g.mul(sampled, inside);
  return ratio === 1
    ? counted
    : g.op('AveragePool', [counted], { kernel_shape: [ratio, ratio], strides: [ratio, ratio] });
}

/** Samples along one axis, for each region: their places in [-1, 1] as GridSample takes them, and 1 where they count. */
function along(g: Tape, x: Value, from: Value, size: Value, column: number, count: number, extent: number) {
  const middles = Float32Array.from({ length: count }, (_, i) => (i + 0.5) / count);
  const steps = g.constant(tensorOf(g.dtype(x), [1, count], middles));
  const pick = (value: Value): Value => g.slice(value, [column], [column + 1], [1]);
  const at = g.add(pick(from), g.mul(pick(size), steps));
  const isWithin = g.op('And', [
    g.op('GreaterOrEqual', [at, g.num(x, -1)]),
    g.op('LessOrEqual', [at, g.num(x, extent)]),
  ]);
  const places = g.add(g.mul(at, g.num(x, 2 / extent)), g.num(x, 1 / extent - 1));
  return { places, isInside: g.cast(isWithin, g.dtype(x)) };
}

const nothing = (g: Tape, x: Value, value: Value): Value => g.mul(value, g.num(x, 0));

function refuseOtherModes(node: Node, ratio: number): void {
  const mode = stringAttr(node, 'mode', 'avg');
  if (mode !== 'avg') throw unsupported('grad', `${describe(node)}: expected mode avg, got '${mode}'`);
  if (ratio > 0) return;
  throw unsupported(
    'grad',
    `${describe(node)}: expected a sampling_ratio above 0, got ${ratio}, by which each region takes its own number of samples; export with a fixed one`,
  );
}
