/** Stored elements of any numeric type to float32 and back, rounding once, to nearest with ties to even. */
import { unsupported } from '../errors.js';
import { type DataType, dataTypes, sizeOf, type TypedArray } from './dtype.js';
import { packedInts, packInts } from './packed.js';
import { dataOf, type Tensor, tensor } from './tensor.js';

interface Codec {
  toFloat32(stored: TypedArray, count: number): Float32Array;
  fromFloat32(values: Float32Array): TypedArray;
}

/**
 * The elements of a numeric tensor as float32; a view of the payload when they already are.
 * @throws UserError (exit 3) for strings, complex numbers and floats of 8 bits and below.
 */
export const floatsOf = (t: Tensor): Float32Array => decode(t.dtype, dataOf(t), sizeOf(t.shape));

/** `count` elements of type `dtype` from the array that stores them. */
export const decode = (dtype: DataType, stored: TypedArray, count: number): Float32Array =>
  codecOf(dtype).toFloat32(stored, count);

/** The array that stores `values` as `dtype`: floats rounded to nearest even, integers also clamped to their range. */
export const encode = (dtype: DataType, values: Float32Array): TypedArray => codecOf(dtype).fromFloat32(values);

/** A tensor of type `dtype` with these values, rounded once. */
export const tensorOf = (dtype: DataType, shape: readonly number[], values: Float32Array): Tensor =>
  tensor(dtype, shape, encode(dtype, values));

/** Whether elements of that type can be read as float32 and written back. */
export const isConvertible = (dtype: DataType): boolean => codecs[dtype] !== undefined;

const codecOf = (dtype: DataType): Codec => {
  const codec = codecs[dtype];
  if (!codec) throw unsupported('tensor', `no arithmetic on elements of type ${dtype}; convert the model first`);
  return codec;
};

const whole = (dtype: DataType, low: number, high: number): Codec => ({
  toFloat32: (stored) => Float32Array.from(stored as Int32Array),
  fromFloat32: (values) => {
    const stored = new dataTypes[dtype].array(values.length) as Int32Array;
    for (let i = 0; i < values.length; i++) stored[i] = clamp(roundHalfEven(values[i]!), low, high);
    return stored;
  },
});

const wide = (array: typeof BigInt64Array | typeof BigUint64Array, low: bigint, high: bigint): Codec => ({
  toFloat32: (stored) => Float32Array.from(stored as BigInt64Array, Number),
  fromFloat32: (values) => {
    const stored = new array(values.length);
    for (let i = 0; i < values.length; i++) {
      const rounded = roundHalfEven(values[i]!);
      stored[i] = rounded <= Number(low) ? low : rounded >= Number(high) ? high : BigInt(rounded);
    }
    return stored;
  },
});

const packed = (bits: 2 | 4, signed: boolean): Codec => {
  const low = signed ? -(2 ** (bits - 1)) : 0;
  const high = low + 2 ** bits - 1;
  return {
    toFloat32: (stored, count) => Float32Array.from(packedInts(stored as Uint8Array, count, bits, signed)),
    fromFloat32: (values) =>
      packInts(
        Int32Array.from(values, (value) => clamp(roundHalfEven(value), low, high)),
        bits,
      ),
  };
};

const codecs: Partial<Record<DataType, Codec>> = {
  float32: { toFloat32: (stored) => stored as Float32Array, fromFloat32: (values) => values },
  float64: {
    toFloat32: (stored) => Float32Array.from(stored as Float64Array),
    fromFloat32: (values) => Float64Array.from(values),
  },
  float16: {
    toFloat32: (stored) => {
      const table = halves();
      return Float32Array.from(stored as Uint16Array, (bits) => table[bits]!);
    },
    fromFloat32: (values) => Uint16Array.from(values, float16Bits),
  },
  bfloat16: {
    toFloat32: (stored) =>
      new Float32Array(Uint32Array.from(stored as Uint16Array, (bits) => bits << 16).buffer as ArrayBuffer),
    fromFloat32: (values) => Uint16Array.from(values, bfloat16Bits),
  },
  int8: whole('int8', -128, 127),
  uint8: whole('uint8', 0, 255),
  int16: whole('int16', -32768, 32767),
  uint16: whole('uint16', 0, 65535),
  int32: whole('int32', -2147483648, 2147483647),
  uint32: whole('uint32', 0, 4294967295),
  int64: wide(BigInt64Array, -(2n ** 63n), 2n ** 63n - 1n),
  uint64: wide(BigUint64Array, 0n, 2n ** 64n - 1n),
  bool: {
    toFloat32: (stored) => Float32Array.from(stored as Uint8Array),
    fromFloat32: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
  },
  int4: packed(4, true),
  uint4: packed(4, false),
  int2: packed(2, true),
  uint2: packed(2, false),
};

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The float16 nearest to a float32, ties to even; what is beyond 65504 by half a step becomes infinite. */
export function float16Bits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // 0.5 has the spacing of float16's subnormals (2^-24), so adding it rounds to them.
    scratch[0] = Math.abs(scratch[0]!) + 0.5;
    return sign | (scratchBits[0]! - 0x3f000000);
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The bfloat16 nearest to a float32, ties to even. */
export function bfloat16Bits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

let halfTable: Float32Array | undefined;

/** All 65,536 float16 values by their bits. */
function halves(): Float32Array {
  halfTable ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
  return halfTable;
}

/** The nearest integer, ties to even; NaN becomes 0. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return Number.isFinite(value) ? floor + (Math.abs(floor) % 2) : Number.isNaN(value) ? 0 : value;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
