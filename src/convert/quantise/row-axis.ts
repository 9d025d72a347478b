/** Along which axis of a stored tensor the rows of its matrices lie: the one that scales per channel run along. */
import type { MatrixLayout } from '../../ops/layout.js';

/** The axis, or undefined where rows lie along several or there is only one. */
export function rowAxis(
  shape: readonly number[],
  { view, perm, stacks, rows, columns }: MatrixLayout,
): number | undefined {
  if (stacks * rows === 1) return undefined;
  const step = rowStep(view, perm, columns);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    // groups of a convolution lie along the same axis as the rows of each
    if (size > 1 && stride === step && size % rows === 0) return axis;
    stride *= size;
  }
  return undefined;
}

/** Stored elements from one row to the next, where those of all rows are equally far apart. */
function rowStep(view: readonly number[], perm: readonly number[], columns: number): number {
  const strides = view.map((_, i) => view.slice(i + 1).reduce((product, size) => product * size, 1));
  let left = columns;
  for (const axis of perm.toReversed()) {
    const size = view[axis]!;
    if (left === 1) return strides[axis]!;
    if (left < size) return strides[axis]! * left;
    left /= size;
  }
  return strides[perm[0]!] ?? 1;
}
