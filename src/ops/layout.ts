/** How the elements of a stored tensor form matrices: pure data, and the two copies it describes. */
import { sizeOf, type TypedArray } from '../tensor/dtype.js';
import { permute } from './permute.js';

/**
 * A stored tensor, reshaped to `view`, transposed by `perm` and reshaped to [stacks, rows, columns], is a stack of
 * matrices with outputs as rows and inputs as columns.
 */
export interface MatrixLayout {
  readonly view: readonly number[];
  readonly perm: readonly number[];
  readonly stacks: number;
  readonly rows: number;
  readonly columns: number;
  /** Sizes of a convolution's kernel, over whose positions the columns run; within one they are input channels. */
  readonly kernel?: readonly number[];
}

/** Whether the columns run over positions of a kernel: how many inputs add up then says little by itself. */
export const isConvolution = ({ kernel }: MatrixLayout): boolean => kernel !== undefined;

/** Elements in stored order, as [stacks, rows, columns]. The result is a fresh array. */
export const toMatrices = <T extends TypedArray>(layout: MatrixLayout, stored: T): T =>
  permute(stored, layout.view, layout.perm);

/** Elements given as [stacks, rows, columns], in stored order. The result is a fresh array. */
export const fromMatrices = <T extends TypedArray>(layout: MatrixLayout, matrices: T): T =>
  permute(
    matrices,
    layout.perm.map((axis) => layout.view[axis]!),
    layout.perm.map((_, axis) => layout.perm.indexOf(axis)),
  );

export const sameLayout = (a: MatrixLayout, b: MatrixLayout): boolean =>
  a.stacks === b.stacks &&
  a.rows === b.rows &&
  a.columns === b.columns &&
  a.view.length === b.view.length &&
  a.view.every((size, i) => size === b.view[i]) &&
  a.perm.every((axis, i) => axis === b.perm[i]);

/** One factor of a stored tensor's index: `size` steps of `stride` elements. */
interface Factor {
  readonly size: number;
  readonly stride: number;
}

/** A stored tensor seen through transposes and reshapes: for each axis seen, the factors of the stored index it runs over. */
export type Seen = readonly (readonly Factor[])[];

/** A tensor of that shape, seen as it is stored. */
export function seenAs(shape: readonly number[]): Seen {
  let stride = sizeOf(shape);
  return shape.map((size) => {
    stride /= size;
    return size === 1 ? [] : [{ size, stride }];
  });
}

export const shapeOf = (seen: Seen): number[] => seen.map((axis) => sizeOf(axis.map(({ size }) => size)));

export const transposed = (seen: Seen, perm: readonly number[]): Seen => perm.map((axis) => seen[axis]!);

/** The same seen in another shape, or null where an axis would have to be cut unevenly. */
export function reshaped(seen: Seen, shape: readonly number[]): Seen | null {
  const rest = seen.flat();
  const axes: Factor[][] = [];
  for (const size of shape) {
    const axis: Factor[] = [];
    for (let left = size; left > 1; ) {
      const factor = rest.shift();
      if (!factor) return null;
      if (left % factor.size === 0) {
        axis.push(factor);
        left /= factor.size;
      } else if (factor.size % left === 0) {
        const inner = factor.size / left;
        axis.push({ size: left, stride: factor.stride * inner });
        rest.unshift({ size: inner, stride: factor.stride });
        left = 1;
      } else return null;
    }
    axes.push(axis);
  }
  return rest.length === 0 ? axes : null;
}

/** The layout of the stored tensor, given the layout of the tensor seen; equal arrangements give equal layouts. */
export function layoutThrough(seen: Seen, layout: MatrixLayout): MatrixLayout | null {
  const viewed = reshaped(seen, layout.view);
  if (!viewed) return null;
  const factors = merged(transposed(viewed, layout.perm).flat());
  const stored = [...factors].sort((a, b) => b.stride - a.stride);
  const { stacks, rows, columns, kernel } = layout;
  return {
    view: stored.map(({ size }) => size),
    perm: factors.map((factor) => stored.indexOf(factor)),
    stacks,
    rows,
    columns,
    ...(kernel && { kernel }),
  };
}

function merged(factors: readonly Factor[]): Factor[] {
  const joined: Factor[] = [];
  for (const factor of factors) {
    const last = joined.at(-1);
    if (last && last.stride === factor.stride * factor.size) {
      joined[joined.length - 1] = { size: last.size * factor.size, stride: factor.stride };
    } else joined.push(factor);
  }
  return joined;
}
