/** DeformConv: a convolution whose kernel positions move with the data. It is not pruned; its gradient goes by expansion. */

import { unsupported } from '../errors.js';
import { describe, intAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { type OpDef, refused } from './op.js';
import type { Tape } from './tape.js';
import { spatialSizes } from './window.js';

export const DeformConv: OpDef = {
  weights: (node, context) => refused(node, [1], context, 'its kernel positions move with the data'),
  expand: (g, node) => [expanded(g, node)],
};

/** Patches sampled where the offsets point, then a product: [N, group, columns, pixels] under [group, rows, columns]. */
function expanded(g: Tape, node: Node): Value {
  const [x, weight, offset, bias, mask] = node.inputs as [
    Value,
    Value,
    Value,
    Value | null | undefined,
    Value | null | undefined,
  ];
  const shape = g.sizes(weight);
  const input = spatialSizes(g, x);
  const output = spatialSizes(g, offset);
  if (shape?.length !== 4 || input?.length !== 2 || output?.length !== 2)
    throw unsupported('grad', `${describe(node)}: expected two spatial axes of fixed sizes; specialize them`);
  const [rows, inputs, ...kernel] = shape as [number, number, number, number];
  const group = intAttr(node, 'group', 1);
  const fields = intAttr(node, 'offset_group', 1);
  const [positions, pixels] = [sizeOf(kernel), sizeOf(output)];
  const plane = [positions * output[0]!, output[1]!];
  const sampled = g.op(
    'GridSample',
    [g.reshape(x, [-1, (inputs * group) / fields, ...input]), gridOf(g, node, kernel, input, output)],
    { mode: 'linear', padding_mode: 'zeros', align_corners: 0 },
  );
  const weighed = mask ? g.mul(sampled, g.reshape(mask, [-1, 1, ...plane])) : sampled;
  const patches = g.reshape(weighed, [-1, group, inputs * positions, pixels]);
  const product = g.matmul(g.reshape(weight, [group, rows / group, inputs * positions]), patches);
  const y = g.reshape(product, [-1, rows, ...output]);
  return bias ? g.add(y, g.reshape(bias, [rows, 1, 1])) : y;
}

/** Where each kernel position of each pixel reads, as [N * offset_group, positions * height, width, (x, y)] in [-1, 1] over pixel areas. */
function gridOf(
  g: Tape,
  node: Node,
  kernel: readonly number[],
  input: readonly number[],
  output: readonly number[],
): Value {
  const [x, , offset] = node.inputs as [Value, Value, Value];
  const strides = intsAttr(node, 'strides') ?? [1, 1];
  const dilations = intsAttr(node, 'dilations') ?? [1, 1];
  const pads = intsAttr(node, 'pads') ?? [0, 0, 0, 0];
  const [positions, [height, width]] = [sizeOf(kernel), output as [number, number]];
  const rest = new Float32Array(positions * 2 * height * width);
  for (let at = 0; at < rest.length; at++) {
    const [column, row] = [at % width, Math.floor(at / width) % height];
    const axis = Math.floor(at / (width * height)) % 2;
    const position = Math.floor(at / (width * height * 2));
    const along = axis === 0 ? Math.floor(position / kernel[1]!) : position % kernel[1]!;
    rest[at] = (axis === 0 ? row : column) * strides[axis]! - pads[axis]! + along * dilations[axis]!;
  }
  const constant = (sizes: readonly number[], values: Float32Array) => g.constant(tensorOf(g.dtype(x), sizes, values));
  const places = g.add(
    g.reshape(offset, [-1, positions, 2, height, width]),
    constant([positions, 2, height, width], rest),
  );
  const scale = constant(
    [2, 1, 1],
    Float32Array.from(input, (size) => 2 / size),
  );
  const shift = constant(
    [2, 1, 1],
    Float32Array.from(input, (size) => 1 / size - 1),
  );
  const areas = g.add(g.mul(places, scale), shift);
  const turned = g.op('Gather', [areas, g.ints([1, 0])], { axis: 2 });
  return g.reshape(g.transpose(turned, [0, 1, 3, 4, 2]), [-1, positions * height, width, 2]);
}
