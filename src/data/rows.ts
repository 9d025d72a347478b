/** Parts of an array along its first axis. */
import { dataTypes, sizeOf } from '../tensor/dtype.js';
import { slicePayload } from '../tensor/file-payload.js';
import { eachSpan } from '../tensor/spans.js';
import { memoryPayload, type Tensor } from '../tensor/tensor.js';

/** Rows `[from, to)`, then the last one again until there are `atLeast`. */
export function rowsOf(array: Tensor, from: number, to: number, atLeast = 0): Tensor {
  const rows = Math.max(to - from, atLeast);
  const rowBytes = rowBytesOf(array);
  const taken = slicePayload(array.payload, from * rowBytes, (to - from) * rowBytes);
  const shape = [rows, ...array.shape.slice(1)];
  if (rows === to - from) return { dtype: array.dtype, shape, payload: taken };
  const bytes = new Uint8Array(rows * rowBytes);
  bytes.set(taken.read());
  for (let row = to - from; row < rows; row++)
    bytes.copyWithin(row * rowBytes, (to - from - 1) * rowBytes, (to - from) * rowBytes);
  return { dtype: array.dtype, shape, payload: memoryPayload(bytes) };
}

/** The given rows, in that order. */
export function pickRows(array: Tensor, rows: Uint32Array): Tensor {
  const rowBytes = rowBytesOf(array);
  const bytes = new Uint8Array(rows.length * rowBytes);
  eachSpan(rows, (at, row, count) => {
    bytes.set(array.payload.read(row * rowBytes, count * rowBytes), at * rowBytes);
  });
  return { dtype: array.dtype, shape: [rows.length, ...array.shape.slice(1)], payload: memoryPayload(bytes) };
}

const rowBytesOf = ({ dtype, shape }: Tensor): number => (sizeOf(shape.slice(1)) * dataTypes[dtype].bits) / 8;
