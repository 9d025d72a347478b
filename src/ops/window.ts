/** The window that convolutions and pools slide over the spatial axes, with its padding settled. */
import { unsupported } from '../errors.js';
import { describe, intsAttr, stringAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { Tape } from './tape.js';

/** All by spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

/** The window of a Conv or pool over `x`; null where `auto_pad` makes its padding depend on sizes that are not fixed. */
export function windowOf(g: Tape, node: Node, x: Value, kernel: readonly number[]): Window | null {
  const ones = kernel.map(() => 1);
  const strides = intsAttr(node, 'strides') ?? ones;
  const dilations = intsAttr(node, 'dilations') ?? ones;
  const mode = autoPad(node);
  if (mode === 'NOTSET' || mode === 'VALID') {
    const pads = (mode === 'NOTSET' && intsAttr(node, 'pads')) || [...ones, ...ones].map(() => 0);
    const [begin, end] = [pads.slice(0, kernel.length), pads.slice(kernel.length)];
    return { kernel, strides, dilations, begin, end };
  }
  const totals = kernel.map((_, i) => {
    const size = strides[i] === 1 ? 1 : g.size(x, i + 2);
    return size === undefined ? undefined : sameTotal(size, kernel[i]!, strides[i]!, dilations[i]!);
  });
  if (!totals.every((total) => total !== undefined)) return null;
  return { kernel, strides, dilations, ...halves(totals, mode === 'SAME_UPPER') };
}

/** As `windowOf`, for ops whose gradient needs the padding. @throws UserError (exit 3) where it is not fixed. */
export function fixedWindow(g: Tape, node: Node, x: Value, kernel: readonly number[]): Window {
  const window = windowOf(g, node, x, kernel);
  if (!window) throw needsSizes(node, `auto_pad ${autoPad(node)} with strides`);
  return window;
}

export const needsSizes = (node: Node, reason: string): Error =>
  unsupported(
    'grad',
    `${describe(node)}: expected fixed spatial sizes for ${reason}, got symbolic ones; specialize them`,
  );

export const autoPad = (node: Node): string => stringAttr(node, 'auto_pad', 'NOTSET') || 'NOTSET';

/** Padding shared between both ends; an odd one goes to the end in SAME_UPPER, to the beginning otherwise. */
export function halves(totals: readonly number[], isUpper: boolean): { begin: number[]; end: number[] } {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, i) => total - small[i]!);
  return isUpper ? { begin: small, end: large } : { begin: large, end: small };
}

/** How far the kernel reaches beyond its first element. */
export const reach = ({ kernel, dilations }: Pick<Window, 'kernel' | 'dilations'>): number[] =>
  kernel.map((size, i) => dilations[i]! * (size - 1));

const sameTotal = (size: number, kernel: number, stride: number, dilation: number): number =>
  Math.max(0, (Math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size);

/** Fixed sizes of the spatial axes, or undefined where one is not. */
export function spatialSizes(g: Tape, x: Value): readonly number[] | undefined {
  const sizes = g.dims(x).slice(2);
  return sizes.every((size): size is number => typeof size === 'number') ? sizes : undefined;
}

/** `x` padded with zeros at its spatial axes. */
export function padded(g: Tape, x: Value, begin: readonly number[], end: readonly number[]): Value {
  if ([...begin, ...end].every((size) => size === 0)) return x;
  return g.op('Pad', [x, g.ints([0, 0, ...begin, 0, 0, ...end])]);
}

/** Where the points of a grid with those steps lie in a flattened array of `sizes`. */
export function offsets(counts: readonly number[], steps: readonly number[], sizes: readonly number[]): number[] {
  return counts.reduce<number[]>(
    (found, count, axis) =>
      found.flatMap((at) => Array.from({ length: count }, (_, i) => at * sizes[axis]! + i * steps[axis]!)),
    [0],
  );
}
