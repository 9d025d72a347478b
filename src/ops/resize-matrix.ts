/** What Resize does along one axis, as a matrix that the graph finds by resizing an identity. */
import { unsupported } from '../errors.js';
import { describe, intsAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { floatsOf } from '../tensor/convert.js';
import { axisOf, integersOf, joined, picked, span, upTo } from './sizes.js';
import type { Tape } from './tape.js';

/** The axes that a Resize changes, counted from the front: those that it may leave alone are not among them. */
export function resizedAxes(g: Tape, node: Node): readonly number[] {
  const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
  const scales = scalesOf(g, node);
  const isSame = (axis: number, entry: number): boolean => {
    // a policy scales all axes alike, also those whose size it happens to keep
    if (isCropping(node) || (isProportional(g, node) && axesOf(g, node).length > 1)) return false;
    if (scaleInput(g, node)) return scales?.[entry] === 1;
    const [before, after] = [g.dims(x)[axis], g.dims(y)[axis]];
    return before === after && before !== null;
  };
  return axesOf(g, node).filter((axis, entry) => !isSame(axis, entry));
}

/**
 * The matrix [size of x, size of y] along `axis`: each row is what one element of x gives. The runtime makes it with the node's
 * own attributes, so that no rounding rule or kernel has to be repeated here; where sizes are fixed, it folds into a constant.
 */
export function matrixOf(g: Tape, node: Node, axis: number): Value {
  const x = node.inputs[0] as Value;
  const size = span(g, x, axis, axis + 1);
  const count = upTo(g, size);
  const isDiagonal = g.op('Equal', [g.unsqueeze(count, [0]), g.unsqueeze(count, [1])]);
  const identity = g.unsqueeze(g.cast(isDiagonal, g.dtype(x)), [0, 1]);
  const { axes: _axes, keep_aspect_ratio_policy: _policy, extrapolation_value: _fill, ...attrs } = node.attrs;
  const resized = g.op('Resize', [identity, roiOf(g, node, axis), ...extentOf(g, node, axis, size)], attrs);
  return g.squeeze(resized, [0, 1]);
}

/** How often every element is repeated along each axis from the third, where that is all that a Resize of float32 does. */
export function repeats(g: Tape, node: Node, axes: readonly number[]): readonly number[] | undefined {
  const x = node.inputs[0] as Value;
  const rank = g.rank(x);
  const scales = scalesOf(g, node);
  const isPooled = g.dtype(x) === 'float32' && rank >= 3 && rank <= 5 && axes.every((axis) => axis >= 2);
  if (!scales || !isPooled || stringAttr(node, 'mode', 'nearest') !== 'nearest') return undefined;
  const coordinates = stringAttr(node, 'coordinate_transformation_mode', 'half_pixel');
  const rounding = stringAttr(node, 'nearest_mode', 'round_prefer_floor');
  const isRepeating =
    coordinates === 'asymmetric' ? rounding === 'floor' : coordinates === 'half_pixel' && rounding.startsWith('round_');
  if (!isRepeating || !scales.every((scale) => Number.isInteger(scale))) return undefined;
  const entries = axesOf(g, node);
  return Array.from({ length: rank - 2 }, (_, i) => scales[entries.indexOf(i + 2)] ?? 1);
}

const axesOf = (g: Tape, node: Node): readonly number[] => {
  const rank = g.rank(node.inputs[0] as Value);
  return intsAttr(node, 'axes')?.map((axis) => axisOf(axis, rank)) ?? Array.from({ length: rank }, (_, i) => i);
};

/** Whether the op reads a region of interest. */
export const isCropping = (node: Node): boolean =>
  stringAttr(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';

/** The input 'scales'; where sizes stand, older exports leave it empty. */
function scaleInput(g: Tape, node: Node): Value | null {
  const scales = node.inputs[2] ?? null;
  return scales && g.size(scales, 0) !== 0 ? scales : null;
}

const isProportional = (g: Tape, node: Node): boolean =>
  !scaleInput(g, node) && stringAttr(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch';

function scalesOf(g: Tape, node: Node): Float32Array | undefined {
  const stored = g.tensorOf(scaleInput(g, node));
  return stored && floatsOf(stored);
}

/** The region of interest of one axis, for [1, 1, n, n]. */
function roiOf(g: Tape, node: Node, axis: number): Value | null {
  const roi = isCropping(node) ? node.inputs[1] : null;
  if (!roi) return null;
  const axes = axesOf(g, node);
  const entry = axes.indexOf(axis);
  const [from, to] = [entry, entry + axes.length].map((i) => g.op('Gather', [roi, g.ints([i])])) as [Value, Value];
  const [zero, one] = [0, 1].map((value) => g.full(roi, [3], value)) as [Value, Value];
  return g.concat([zero, from, one, to], 0);
}

/** The inputs `scales` and `sizes` for [1, 1, n, n]. */
function extentOf(g: Tape, node: Node, axis: number, size: Value): readonly (Value | null)[] {
  const entry = axesOf(g, node).indexOf(axis);
  const scales = scaleInput(g, node);
  if (scales) {
    const stored = scalesOf(g, node);
    if (stored) return [g.floats([1, 1, 1, stored[entry] as number])];
    return [g.concat([g.floats([1, 1, 1]), g.op('Gather', [scales, g.ints([entry])])], 0)];
  }
  if (isProportional(g, node)) return [commonScale(g, node, axis)];
  return [null, joined(g, [g.ints([1, 1]), size, picked(g, node.inputs[3] as Value, g.ints([entry]))])];
}

/** Under a policy all axes have the scale of the one that decides. */
function commonScale(g: Tape, node: Node, axis: number): Value {
  const [x, y] = [node.inputs[0] as Value, node.outputs[0] as Value];
  const wanted = integersOf(g, node.inputs[3]);
  const ratios = axesOf(g, node).map((each, i) => (wanted?.[i] ?? Number.NaN) / (g.size(x, each) ?? Number.NaN));
  const isLarger = stringAttr(node, 'keep_aspect_ratio_policy', 'stretch') === 'not_smaller';
  const scale = Math.fround(isLarger ? Math.max(...ratios) : Math.min(...ratios));
  // a scale rounds sizes down where the policy rounds them to the nearest
  if (Math.floor(Math.fround(scale * (g.size(x, axis) ?? 0))) !== g.size(y, axis)) {
    throw unsupported(
      describe(node),
      'expected fixed sizes that its aspect ratio keeps whole, got others; give the sizes themselves',
    );
  }
  return g.floats([1, 1, 1, scale]);
}
