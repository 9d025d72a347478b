/** ONNX element types: their code in the file, their width and the typed array that holds them in memory. */

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

interface DataTypeFacts {
  /** TensorProto.DataType. */
  readonly code: number;
  /** Bits per element as stored; 0 for strings. */
  readonly bits: number;
  /** What holds the stored bits; elements narrower than a byte are packed, the first in the low bits. */
  readonly array: TypedArrayConstructor;
  readonly isFloat: boolean;
}

const facts = (code: number, bits: number, array: TypedArrayConstructor, isFloat = false): DataTypeFacts => ({
  code,
  bits,
  array,
  isFloat,
});

/** Every element type of ONNX 1.22; 16-bit and narrower floats are held as their bit patterns. */
export const dataTypes = {
  float32: facts(1, 32, Float32Array, true),
  uint8: facts(2, 8, Uint8Array),
  int8: facts(3, 8, Int8Array),
  uint16: facts(4, 16, Uint16Array),
  int16: facts(5, 16, Int16Array),
  int32: facts(6, 32, Int32Array),
  int64: facts(7, 64, BigInt64Array),
  string: facts(8, 0, Uint8Array),
  bool: facts(9, 8, Uint8Array),
  float16: facts(10, 16, Uint16Array, true),
  float64: facts(11, 64, Float64Array, true),
  uint32: facts(12, 32, Uint32Array),
  uint64: facts(13, 64, BigUint64Array),
  complex64: facts(14, 64, Float32Array),
  complex128: facts(15, 128, Float64Array),
  bfloat16: facts(16, 16, Uint16Array, true),
  float8e4m3fn: facts(17, 8, Uint8Array, true),
  float8e4m3fnuz: facts(18, 8, Uint8Array, true),
  float8e5m2: facts(19, 8, Uint8Array, true),
  float8e5m2fnuz: facts(20, 8, Uint8Array, true),
  uint4: facts(21, 4, Uint8Array),
  int4: facts(22, 4, Uint8Array),
  float4e2m1: facts(23, 4, Uint8Array, true),
  float8e8m0: facts(24, 8, Uint8Array, true),
  uint2: facts(25, 2, Uint8Array),
  int2: facts(26, 2, Uint8Array),
} as const satisfies Record<string, DataTypeFacts>;

export type DataType = keyof typeof dataTypes;

const byCode = new Map<number, DataType>(Object.entries(dataTypes).map(([name, { code }]) => [code, name as DataType]));

/** The element type with that TensorProto.DataType code, or undefined. */
export const dataTypeOf = (code: number): DataType | undefined => byCode.get(code);

export const isFloat = (dtype: DataType): boolean => dataTypes[dtype].isFloat;

/** Bytes that `elements` values take when stored (sub-byte types are packed). */
export const storedBytes = (dtype: DataType, elements: number): number =>
  Math.ceil((dataTypes[dtype].bits * elements) / 8);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
