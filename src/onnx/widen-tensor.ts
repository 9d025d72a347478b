/** A half-precision tensor as float32, converted only when and where it is read. */
import { decode } from '../tensor/convert.js';
import { type DataType, dataTypes, sizeOf } from '../tensor/dtype.js';
import type { Payload, Tensor } from '../tensor/tensor.js';

/** The largest finite value of each half-precision type. */
const largest: Partial<Record<DataType, number>> = { float16: 65504, bfloat16: 255 * 2 ** 120 };

/** @param t of float16 or bfloat16; infinities become the largest finite value. */
export const widenTensor = (t: Tensor): Tensor => ({
  dtype: 'float32',
  shape: t.shape,
  payload: widePayload(t),
});

function widePayload(t: Tensor): Payload {
  const byteLength = sizeOf(t.shape) * 4;
  return {
    byteLength,
    read: (offset = 0, length = byteLength - offset) => {
      const first = Math.floor(offset / 4);
      const last = Math.ceil((offset + length) / 4);
      const wide = elements(t, first, last - first);
      return new Uint8Array(wide.buffer, wide.byteOffset + offset - first * 4, length);
    },
  };
}

function elements(t: Tensor, first: number, count: number): Float32Array {
  const bytes = t.payload.read(first * 2, count * 2);
  const aligned = bytes.byteOffset % dataTypes[t.dtype].array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  const values = decode(t.dtype, new Uint16Array(aligned.buffer, aligned.byteOffset, count), count);
  const most = largest[t.dtype] as number;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) === Number.POSITIVE_INFINITY) values[i] = Math.sign(values[i]!) * most;
  }
  return values;
}
