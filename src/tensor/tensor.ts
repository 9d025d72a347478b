/** A tensor: element type, shape and a payload that is read when asked for, from memory or from a file. */
import { UserError } from '../errors.js';
import { type DataType, dataTypes, sizeOf, storedBytes, type TypedArray } from './dtype.js';

/** Little-endian bytes of a tensor as ONNX raw_data lays them out. */
export interface Payload {
  readonly byteLength: number;
  /** The bytes `[offset, offset + length)`: a view when they are in memory, a fresh array when read from a file. */
  read(offset?: number, length?: number): Uint8Array;
  /** Where the same bytes lie contiguously in a file, if they do: the runtime can map them without a copy. */
  readonly file?: FileRange | undefined;
}

export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface Tensor {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly payload: Payload;
  /** Elements of a string tensor (UTF-8 as stored); such a tensor's payload is empty. */
  readonly strings?: readonly Uint8Array[];
  /** How a model that is saved holds it; absent: as the tensor whose place it takes, dense where there is none. */
  readonly storage?: Storage;
}

/** Sparse: the elements that are not zero, with where each stands, as one number or as one a dimension. */
export type Storage =
  | { readonly kind: 'dense' }
  | { readonly kind: 'sparse'; readonly indices: 'linear' | 'coordinates' };

export const memoryPayload = (bytes: Uint8Array): Payload => ({
  byteLength: bytes.byteLength,
  read: (offset = 0, length = bytes.byteLength - offset) => bytes.subarray(offset, offset + length),
});

/**
 * A tensor over `data`, which is not copied.
 * @throws UserError when the array does not hold exactly the shape's elements.
 */
export function tensor(dtype: DataType, shape: readonly number[], data: TypedArray): Tensor {
  const expected = storedBytes(dtype, sizeOf(shape));
  if (data.byteLength !== expected) {
    throw new UserError('tensor', `expected ${expected} bytes for ${dtype}[${shape}], got ${data.byteLength}`);
  }
  return { dtype, shape, payload: memoryPayload(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
}

export const float32 = (shape: readonly number[], data: Float32Array): Tensor => tensor('float32', shape, data);

export const int64 = (shape: readonly number[], values: readonly (number | bigint)[]): Tensor =>
  tensor('int64', shape, BigInt64Array.from(values, BigInt));

export const scalar = (value: number, dtype: 'float32' | 'float64' = 'float32'): Tensor =>
  tensor(dtype, [], dtype === 'float32' ? Float32Array.of(value) : Float64Array.of(value));

/** The stored elements as the typed array of the tensor's type: a view where alignment allows, else a copy. */
export function dataOf(t: Tensor): TypedArray {
  const bytes = t.payload.read();
  const { array } = dataTypes[t.dtype];
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new array(aligned.buffer, aligned.byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT);
}

export const elements = (t: Tensor): number => sizeOf(t.shape);
