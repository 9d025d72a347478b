/** The typed fields of TensorProto (float_data, int32_data, ...) and how their values lie in raw_data. */
import { UserError } from '../errors.js';
import { type DataType, dataTypes } from '../tensor/dtype.js';
import type { Message } from './protobuf.js';

export type TypedField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

interface TypedFacts {
  /** Bytes of a value on the wire; 0 for varints. */
  readonly width: 0 | 4 | 8;
  /** Wire type of a value that stands unpacked. */
  readonly wire: 0 | 1 | 5;
}

export const typedFields = {
  floatData: { width: 4, wire: 5 },
  doubleData: { width: 8, wire: 1 },
  int32Data: { width: 0, wire: 0 },
  int64Data: { width: 0, wire: 0 },
  uint64Data: { width: 0, wire: 0 },
} as const satisfies { [F in TypedField & keyof Message<'TensorProto'>]: TypedFacts };

/** The field that holds elements of a type; narrow and 16-bit ones share int32_data as bit patterns. */
export function typedFieldOf(dtype: Exclude<DataType, 'string'>): TypedField {
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return 'floatData';
    case 'float64':
    case 'complex128':
      return 'doubleData';
    case 'int64':
      return 'int64Data';
    case 'uint32':
    case 'uint64':
      return 'uint64Data';
    default:
      return 'int32Data';
  }
}

/** Bytes that one varint of a typed field stands for: elements narrower than a byte are packed into one. */
const unitBytes = (dtype: DataType): number => Math.max(1, dataTypes[dtype].bits / 8);

/**
 * Varints to raw_data layout.
 * @param chunks the packed payloads, in order; @param byteLength what the tensor's shape asks for.
 * @throws UserError when the values are more or fewer than the shape's.
 */
export function decodeVarints(
  chunks: readonly Uint8Array[],
  dtype: DataType,
  byteLength: number,
  name: string,
): Uint8Array {
  const width = unitBytes(dtype);
  // a value takes at least a byte on the wire, so this is never more than a few times the file
  const most = chunks.reduce((total, { length }) => total + length, 0);
  if (most * width < byteLength) throw miscounted(name, dtype, byteLength / width, `at most ${most}`);
  const raw = new Uint8Array(byteLength);
  const view = new DataView(raw.buffer);
  let at = 0;
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; ) {
      let low = 0;
      let high = 0;
      let shift = 0;
      let byte: number;
      do {
        if (i >= chunk.length || shift > 63)
          throw new UserError(name, 'expected whole numbers, got an endless one; the file is damaged');
        byte = chunk[i++]!;
        if (shift < 28) low |= (byte & 0x7f) << shift;
        else if (shift === 28) {
          low |= (byte & 0x7f) << 28;
          high |= (byte & 0x7f) >> 4;
        } else high |= (byte & 0x7f) << (shift - 32);
        shift += 7;
      } while (byte >= 0x80);
      if (at + width > byteLength) throw miscounted(name, dtype, byteLength / width, 'more');
      if (width === 1) raw[at] = low;
      else if (width === 2) view.setUint16(at, low & 0xffff, true);
      else view.setUint32(at, low >>> 0, true);
      if (width === 8) view.setUint32(at + 4, high >>> 0, true);
      at += width;
    }
  }
  if (at !== byteLength) throw miscounted(name, dtype, byteLength / width, `${at / width}`);
  return raw;
}

const miscounted = (name: string, dtype: DataType, expected: number, got: string): UserError =>
  new UserError(name, `expected ${expected} values for its shape (${dtype}), got ${got}; the file is damaged`);

/** Raw_data layout to the packed payload of the field that holds the type. */
export function encodeTyped(raw: Uint8Array, dtype: Exclude<DataType, 'string'>): Uint8Array {
  const field = typedFieldOf(dtype);
  if (typedFields[field].width > 0) return raw;
  const width = unitBytes(dtype);
  const isSigned = dtype === 'int8' || dtype === 'int16' || dtype === 'int32' || dtype === 'int64';
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const packed = new Uint8Array((raw.byteLength / width) * 10);
  let end = 0;
  for (let at = 0; at < raw.byteLength; at += width) {
    let low = width === 1 ? raw[at]! : width === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
    let high = width === 8 ? view.getUint32(at + 4, true) : 0;
    if (isSigned && width < 8) {
      low = ((low << (32 - 8 * width)) >> (32 - 8 * width)) >>> 0;
      // negative numbers are sign-extended to 64 bits on the wire
      high = low >= 0x80000000 ? 0xffffffff : 0;
    }
    while (high > 0 || low > 0x7f) {
      packed[end++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    packed[end++] = low;
  }
  return packed.slice(0, end);
}
