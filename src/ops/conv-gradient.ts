/** Gradient rules of Conv and ConvTranspose: each is the other's adjoint. */
import { unsupported } from '../errors.js';
import { describe, intAttr, intsAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { towardsWeight } from './conv-weight-gradient.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';
import { autoPad, halves, needsSizes, reach, spatialSizes, type Window, windowOf } from './window.js';
import { type Sliding, towardsInput } from './window-adjoint.js';

type Vjp = NonNullable<OpDef['vjp']>;

export const convVjp: Vjp = (g, [cotangent], node, isWanted) => {
  const [x, weight, bias] = node.inputs as [Value, Value, Value | null | undefined];
  const dy = cotangent as Value;
  const shape = weightShape(g, node, weight);
  const window = windowOf(g, node, x, shape.slice(2));
  const db = bias && toBias(g, dy, shape);
  if (!window) return [...byShape(g, dy, node, shape), db];
  const output = spatialSizes(g, node.outputs[0] as Value);
  const sliding: Sliding = { shape, group: intAttr(node, 'group', 1), window, input: spatialSizes(g, x), output };
  return [
    isWanted(x) ? towardsInput(g, dy, weight, x, sliding) : null,
    isWanted(weight) ? towardsWeight(g, x, dy, { ...sliding, batch: g.size(x, 0), dtype: g.dtype(x) }) : null,
    db,
  ];
};

/** `auto_pad` over sizes known only when it runs: the padding is computed there, and what was padded is differentiated. */
function byShape(g: Tape, dy: Value, node: Node, shape: readonly number[]): [Value, Value] {
  const [x, weight] = node.inputs as [Value, Value];
  const kernel = shape.slice(2);
  const ones = kernel.map(() => 1);
  const zeros = kernel.map(() => 0);
  const strides = intsAttr(node, 'strides') ?? ones;
  const dilations = intsAttr(node, 'dilations') ?? ones;
  const window: Window = { kernel, strides, dilations, begin: zeros, end: zeros };
  const sizes = g.op('Shape', [x], { start: 2 });
  const last = g.mul(g.sub(g.op('Shape', [dy], { start: 2 }), g.ints([1])), g.ints(strides));
  const needed = g.add(last, g.ints(reach(window).map((size) => size + 1)));
  const total = g.op('Max', [g.sub(needed, sizes), g.ints([0])]);
  const small = g.div(total, g.ints([2]));
  const large = g.sub(total, small);
  const [begin, end] = autoPad(node) === 'SAME_UPPER' ? [small, large] : [large, small];
  const axes = g.ints(kernel.map((_, i) => i + 2));
  const whole = g.op('Pad', [x, g.concat([begin, end], 0), null, axes]);
  const sliding = { shape, group: intAttr(node, 'group', 1), window, input: undefined, output: undefined };
  const dWhole = towardsInput(g, dy, weight, whole, sliding);
  return [
    g.op('Slice', [dWhole, begin, g.add(begin, sizes), axes]),
    towardsWeight(g, whole, dy, { ...sliding, batch: undefined, dtype: g.dtype(x) }),
  ];
}

export const convTransposeVjp: Vjp = (g, [cotangent], node, isWanted) => {
  const [x, weight, bias] = node.inputs as [Value, Value, Value | null | undefined];
  const dy = cotangent as Value;
  const shape = weightShape(g, node, weight);
  const group = intAttr(node, 'group', 1);
  const { window, excess } = transposedWindow(g, node, x, shape.slice(2));
  const input = spatialSizes(g, node.outputs[0] as Value);
  const output = spatialSizes(g, x);
  const { strides, dilations, begin, end } = window;
  const met = trimmed(g, dy, window, excess);
  const fixed = met === dy ? input : undefined;
  const problem = { shape, group, window, input: fixed, output, batch: g.size(x, 0), dtype: g.dtype(x) };
  return [
    isWanted(x) ? g.op('Conv', [met, weight], { group, strides, dilations, pads: [...begin, ...end] }) : null,
    isWanted(weight) ? towardsWeight(g, met, x, problem) : null,
    bias && toBias(g, dy, shape),
  ];
};

/** Pixels of the output that no input met, a whole stride of them: the adjoint would see one position more. */
function trimmed(g: Tape, dy: Value, { strides }: Window, excess: readonly number[]): Value {
  const cut = excess.map((size, i) => Math.floor(size / strides[i]!) * strides[i]!);
  if (cut.every((size) => size === 0)) return dy;
  const axes = cut.flatMap((size, i) => (size > 0 ? [i + 2] : []));
  return g.slice(
    dy,
    axes.map(() => 0),
    axes.map((axis) => -cut[axis - 2]!),
    axes,
  );
}

/** The window that slides over the output of a ConvTranspose, and how far that output goes beyond what it reaches. */
function transposedWindow(
  g: Tape,
  node: Node,
  x: Value,
  kernel: readonly number[],
): { window: Window; excess: readonly number[] } {
  const ones = kernel.map(() => 1);
  const strides = intsAttr(node, 'strides') ?? ones;
  const dilations = intsAttr(node, 'dilations') ?? ones;
  const extra = intsAttr(node, 'output_padding') ?? kernel.map(() => 0);
  const mode = autoPad(node);
  const wanted = intsAttr(node, 'output_shape')?.slice(-kernel.length);
  if (!wanted && (mode === 'NOTSET' || mode === 'VALID')) {
    const pads = (mode === 'NOTSET' && intsAttr(node, 'pads')) || [...ones, ...ones].map(() => 0);
    const [begin, end] = [pads.slice(0, kernel.length), pads.slice(kernel.length)];
    return { window: { kernel, strides, dilations, begin, end }, excess: extra };
  }
  const totals = reach({ kernel, dilations }).map((room, i) => {
    if (!wanted) return room + 1 + extra[i]! - strides[i]!;
    const size = g.size(x, i + 2);
    if (size === undefined) throw needsSizes(node, 'output_shape');
    return (size - 1) * strides[i]! + extra[i]! + room + 1 - wanted[i]!;
  });
  const shared = halves(
    totals.map((total) => Math.max(0, total)),
    mode === 'SAME_UPPER',
  );
  const excess = extra.map((size, i) => size + Math.max(0, -totals[i]!));
  return { window: { kernel, strides, dilations, ...shared }, excess };
}

/** @throws UserError (exit 3) where the sizes of the weight are not fixed. */
function weightShape(g: Tape, node: Node, weight: Value): readonly number[] {
  const shape = g.sizes(weight);
  if (shape) return shape;
  throw unsupported(
    'grad',
    `${describe(node)}: expected a weight of fixed shape, got [${g.dims(weight)}]; specialize it`,
  );
}

const toBias = (g: Tape, dy: Value, shape: readonly number[]): Value =>
  g.reduceSum(dy, [0, ...shape.slice(2).map((_, i) => i + 2)]);
