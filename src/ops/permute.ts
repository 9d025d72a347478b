/** Transposition of arrays in memory. */
import { sizeOf, type TypedArray } from '../tensor/dtype.js';

/** The elements of an array of that shape with its axes in the order `perm`, as a fresh array. */
export function permute<T extends TypedArray>(source: T, shape: readonly number[], perm: readonly number[]): T {
  if (perm.every((axis, i) => axis === i)) return source.slice() as T;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = perm.map((axis) => shape[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const target = new (source.constructor as new (length: number) => T)(source.length);
  const [rows, columns] = [sizes.at(-2)!, sizes.at(-1)!];
  const [rowStep, columnStep] = [steps.at(-2)!, steps.at(-1)!];
  const plane = rows * columns;
  for (let start = 0; start < target.length; start += plane) {
    const from = offsetOf(start / plane, sizes.slice(0, -2), steps);
    copyPlane(source, from, rowStep, columnStep, target, start, rows, columns);
  }
  return target;
}

const tile = 32;

/** Copies a strided plane tile by tile, so that both sides stay in the cache. */
function copyPlane(
  source: TypedArray,
  from: number,
  rowStep: number,
  columnStep: number,
  target: TypedArray,
  start: number,
  rows: number,
  columns: number,
): void {
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(rows, top + tile);
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(columns, left + tile);
      for (let row = top; row < bottom; row++) {
        let at = from + row * rowStep + left * columnStep;
        for (let to = start + row * columns + left; to < start + row * columns + right; to++) {
          target[to] = source[at]!;
          at += columnStep;
        }
      }
    }
  }
}

/** Where the `index`-th plane begins. */
function offsetOf(index: number, sizes: readonly number[], steps: readonly number[]): number {
  let rest = index;
  let offset = 0;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    offset += (rest % sizes[axis]!) * steps[axis]!;
    rest = Math.floor(rest / sizes[axis]!);
  }
  return offset;
}
