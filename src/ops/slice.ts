/** The gradient of Slice: what was left out, put back as zeros. */
import type { Node, Value } from '../ir/types.js';
import { tensorOf } from '../tensor/convert.js';
import { slice } from './flow-shapes.js';
import type { OpDef } from './op.js';
import { asInt64, axisOf, integers, integersOf, joined, picked } from './sizes.js';
import { fromPlaces } from './taken.js';
import type { Tape } from './tape.js';

export const Slice: OpDef = {
  flow: slice,
  vjp(g, [dy], node) {
    const [x, starts, , axes, steps] = node.inputs as [Value, Value, Value, ...(Value | null | undefined)[]];
    const rank = g.rank(x);
    const count = g.size(starts, 0) ?? rank;
    const along = axes ? integersOf(g, axes)?.map((a) => axisOf(a, rank)) : Array.from({ length: count }, (_, i) => i);
    const by = steps ? integersOf(g, steps) : along?.map(() => 1);
    if (!along || !by) return [fromPlaces(g, dy as Value, x, (p) => slicedLike(g, p, node), false)];
    return [byMatrix(g, dy as Value, node, along, by) ?? backInto(g, dy as Value, node, along, by)];
  },
};

/** Up to this many elements, strided ones along the last axis are put back by a product: padding single elements is slow. */
const mostByMatrix = 128;

/** Undefined unless the last axis is strided, short and fixed. */
function byMatrix(
  g: Tape,
  dy: Value,
  node: Node,
  axes: readonly number[],
  steps: readonly number[],
): Value | undefined {
  const [x, starts] = node.inputs as [Value, Value];
  const last = g.rank(x) - 1;
  const i = axes.indexOf(last);
  const [size, taken] = [g.size(x, last), g.size(node.outputs[0] as Value, last)];
  const step = steps[i] ?? 1;
  const all = integersOf(g, starts);
  if (Math.abs(step) === 1 || !all || size === undefined || !taken || taken > mostByMatrix) return undefined;
  const counted = all[i]! < 0 ? all[i]! + size : all[i]!;
  const start = Math.min(Math.max(counted, 0), step < 0 ? size - 1 : size);
  const matrix = new Float32Array(taken * size);
  for (let k = 0; k < taken; k++) matrix[k * size + start + k * step] = 1;
  const others = (list: readonly number[]): readonly number[] => list.filter((_, k) => k !== i);
  const rest = others(axes);
  const before = rest.length === 0 ? dy : backInto(g, dy, node, rest, others(steps), g.ints(others(all)));
  return g.matmul(before, g.constant(tensorOf(g.dtype(x), [taken, size], matrix)));
}

const slicedLike = (g: Tape, x: Value, node: Node): Value => g.op('Slice', [x, ...node.inputs.slice(1)]);

/** Reversed where the step is negative, spread by zeros where it is not 1, and padded (or cropped) to the size of x. */
function backInto(
  g: Tape,
  dy: Value,
  node: Node,
  axes: readonly number[],
  steps: readonly number[],
  starts = node.inputs[1] as Value,
): Value {
  const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
  const forward = spread(g, reversed(g, dy, axes, steps), y, axes, steps);
  const [sizes, taken] = [x, y].map((value) => picked(g, g.shapeOf(value), g.ints(axes))) as [Value, Value];
  const low = lowest(g, firstOf(g, asInt64(g, starts), sizes, steps), sizes, taken, steps);
  const covered = integers(g, 'Mul', taken, g.ints(steps.map(Math.abs)));
  const behind = integers(g, 'Sub', integers(g, 'Sub', sizes, low), covered);
  return g.op('Pad', [forward, joined(g, [low, behind]), null, g.ints(axes)]);
}

function reversed(g: Tape, dy: Value, axes: readonly number[], steps: readonly number[]): Value {
  const turned = axes.filter((_, i) => (steps[i] as number) < 0);
  if (turned.length === 0) return dy;
  const all = (value: number): Value => g.ints(turned.map(() => value));
  return g.op('Slice', [dy, all(-1), all(Number.MIN_SAFE_INTEGER), g.ints(turned), all(-1)]);
}

/** step - 1 zeros behind every element along each axis. */
function spread(g: Tape, dy: Value, y: Value, axes: readonly number[], steps: readonly number[]): Value {
  const factors = g.dims(y).map((_, axis) => Math.abs(steps[axes.indexOf(axis)] ?? 1));
  const wide = factors.flatMap((factor, axis) => (factor > 1 ? [axis] : []));
  if (wide.length === 0) return dy;
  const added = wide.map((axis, i) => axis + 1 + i);
  const pads = [...added.map(() => 0), ...wide.map((axis) => (factors[axis] as number) - 1)];
  const padded = g.op('Pad', [g.unsqueeze(dy, added), g.ints(pads), null, g.ints(added)]);
  const shape = integers(g, 'Mul', g.shapeOf(y), g.ints(factors));
  return g.op('Reshape', [padded, shape], { allowzero: 1 });
}

/** The start of each axis counted from the front and within it. */
function firstOf(g: Tape, starts: Value, sizes: Value, steps: readonly number[]): Value {
  const stored = integersOf(g, starts);
  const isNegative = stored
    ? g.ints(stored.map((start) => (start < 0 ? 1 : 0)))
    : g.cast(g.op('Less', [starts, g.ints([0])]), 'int64');
  const counted = integers(g, 'Add', starts, integers(g, 'Mul', sizes, isNegative));
  const most = integers(g, 'Sub', sizes, g.ints(steps.map((step) => (step < 0 ? 1 : 0))));
  return integers(g, 'Min', integers(g, 'Max', counted, g.ints([0])), most);
}

/** The lowest place that was taken; where none was, any that leaves no negative padding. */
function lowest(g: Tape, first: Value, sizes: Value, taken: Value, steps: readonly number[]): Value {
  if (steps.every((step) => step > 0)) return first;
  const back = integers(g, 'Sub', taken, g.ints([1]));
  const low = integers(g, 'Add', first, integers(g, 'Mul', back, g.ints(steps.map((step) => Math.min(step, 0)))));
  return integers(g, 'Min', integers(g, 'Max', low, g.ints([0])), sizes);
}
