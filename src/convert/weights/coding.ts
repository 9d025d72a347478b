/** A coding: one way to store a weight, as named parts beside facts, and back to the same bits. */
import { sizeOf, storedBytes } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { damaged, type Entry } from './entries.js';

/** A weight as it goes into a file. */
export interface Coded {
  readonly coding: string;
  /** Beyond its name, type and shape, what a reader has to know. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** By what is added to the weight's name. */
  readonly parts: ReadonlyMap<string, Tensor>;
}

export interface Coding {
  /** What is added to the weight's name for each part that it takes. */
  readonly parts: readonly string[];
  /**
   * Makes what checks the contents and gives the dense bytes; looks at types, shapes and facts itself.
   * @throws UserError when they contradict the entry.
   */
  open(entry: Entry, parts: readonly Tensor[], where: string): () => Uint8Array;
}

/** Bytes that the parts take. */
export const bytesIn = (parts: Iterable<Tensor>): number => {
  let bytes = 0;
  for (const { payload } of parts) bytes += payload.byteLength;
  return bytes;
};

/** Each further tensor of a file costs about this much in its header. */
const headerBytes = 96;

/** Whether storing a weight like that saves anything. */
export const isSmaller = ({ parts }: Coded, dense: Tensor): boolean =>
  bytesIn(parts.values()) + headerBytes * (parts.size - 1) < dense.payload.byteLength;

/** The bytes of the dense weight. */
export const denseBytes = ({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>): number =>
  storedBytes(dtype, sizeOf(shape));

/** @throws UserError when a part is not of that type and shape. */
export function checkPart(
  { dtype, shape }: Tensor,
  expected: { readonly dtype: string; readonly shape: readonly number[] },
  where: string,
): void {
  if (
    dtype !== expected.dtype ||
    shape.length !== expected.shape.length ||
    shape.some((size, i) => size !== expected.shape[i])
  ) {
    throw damaged(where, `expected ${expected.dtype}[${expected.shape}], got ${dtype}[${shape}]`);
  }
}
