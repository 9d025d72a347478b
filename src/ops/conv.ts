/** Convolutions of any number of spatial axes: a matrix per group, over patches of the input. */
import { intAttr } from '../ir/node.js';
import type { Attr, Node, Value } from '../ir/types.js';
import { sizeOf } from '../tensor/dtype.js';
import type { Builder } from './builder.js';
import { convTransposeVjp, convVjp } from './conv-gradient.js';
import { conv, convTranspose } from './flow-products.js';
import type { OpDef, WeightSlot } from './op.js';

/** Weight [M, C/group, ...kernel]: rows are output channels of the group. */
export const Conv: OpDef = {
  flow: conv,
  weights: (node, { isConstant }) =>
    isConstant(node.inputs[1]!) ? [convolution(node, 'Conv', (shape, group) => shape[1]! * group)] : [],
  vjp: convVjp,
};

/** Weight [C, M/group, ...kernel]: rows are output channels of the group. */
export const ConvTranspose: OpDef = {
  flow: convTranspose,
  weights: (node, { isConstant }) =>
    isConstant(node.inputs[1]!) ? [convolution(node, 'ConvTranspose', (shape) => shape[0]!)] : [],
  vjp: convTransposeVjp,
};

/**
 * Columns are ordered (kernel position, input channel within the group), so that consecutive ones are channels at one
 * position; stacks are groups.
 */
function convolution(
  node: Node,
  op: 'Conv' | 'ConvTranspose',
  channelsOf: (shape: readonly number[], group: number) => number,
): WeightSlot {
  const data = node.inputs[0] as Value;
  const group = intAttr(node, 'group', 1);
  const window = windowOf(node);
  return {
    input: 1,
    data,
    key: (shape) => `${op} patches of ${data.name} ${group} ${shape.slice(2)} ${keyOf(window)}`,
    matrix: (shape) => {
      if (shape.length < 3) return `its weight of shape [${shape}] has no spatial axes`;
      const channels = channelsOf(shape, group) / group;
      const kernel = shape.slice(2);
      const spatial = kernel.map((_, i) => i + 3);
      const outputs = op === 'Conv' ? shape[0]! / group : shape[1]!;
      return {
        view: op === 'Conv' ? [group, outputs, channels, ...kernel] : [group, channels, outputs, ...kernel],
        perm: op === 'Conv' ? [0, 1, ...spatial, 2] : [0, 2, ...spatial, 1],
        stacks: group,
        rows: outputs,
        columns: sizeOf(kernel) * channels,
        kernel,
      };
    },
    columns: (g, shape) => {
      const channels = channelsOf(shape, group);
      const kernel = shape.slice(2);
      const positions = sizeOf(kernel);
      const patches = isPointwise(kernel, window) ? data : spread(g, op, data, channels, kernel, window);
      const split = g.reshape(patches, [0, group, channels / group, positions, -1]);
      return g.reshape(g.transpose(split, [1, 0, 4, 3, 2]), [group, -1, (positions * channels) / group]);
    },
  };
}

/**
 * Each channel becomes one channel per kernel position, holding what that position meets at each output: the same
 * convolution with one group per channel and one-hot kernels.
 */
function spread(
  g: Builder,
  op: 'Conv' | 'ConvTranspose',
  data: Value,
  channels: number,
  kernel: readonly number[],
  window: Readonly<Record<string, Attr>>,
): Value {
  const positions = sizeOf(kernel);
  const oneHot = new Float32Array(channels * positions * positions);
  for (let i = 0; i < channels * positions; i++) oneHot[i * positions + (i % positions)] = 1;
  const shape = op === 'Conv' ? [channels * positions, 1, ...kernel] : [channels, positions, ...kernel];
  return g.op(op, [data, g.floats(oneHot, shape)], { ...window, group: channels });
}

const windowAttrs = ['auto_pad', 'dilations', 'kernel_shape', 'output_padding', 'output_shape', 'pads', 'strides'];

const windowOf = (node: Node): Record<string, Attr> =>
  Object.fromEntries(Object.entries(node.attrs).filter(([name]) => windowAttrs.includes(name)));

const isPointwise = (kernel: readonly number[], window: Readonly<Record<string, Attr>>): boolean =>
  kernel.every((size) => size === 1) &&
  Object.entries(window).every(([name, attr]) =>
    name === 'strides'
      ? attr.kind === 'ints' && attr.value.every((step) => step === 1n)
      : name === 'pads' || name === 'output_padding'
        ? attr.kind === 'ints' && attr.value.every((size) => size === 0n)
        : name === 'kernel_shape' || name === 'dilations',
  );

const keyOf = (window: Readonly<Record<string, Attr>>): string =>
  windowAttrs
    .filter((name) => window[name])
    .map((name) => `${name}=${String(window[name]?.value)}`)
    .join(' ');
