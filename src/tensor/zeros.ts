/** Counting the elements of a tensor that are not zero, without holding it whole. */
import { type DataType, dataTypes, sizeOf } from './dtype.js';
import type { Tensor } from './tensor.js';

/** Bytes read at a time; a multiple of every element's width. */
const part = 2 ** 22;

/** Elements other than +0 and -0; null for strings. */
export function countNonZeros({ dtype, shape, payload }: Tensor): number | null {
  if (dtype === 'string') return null;
  let count = 0;
  for (let offset = 0; offset < payload.byteLength; offset += part) {
    const bytes = payload.read(offset, Math.min(part, payload.byteLength - offset));
    const left = sizeOf(shape) - (offset * 8) / dataTypes[dtype].bits;
    count += countIn(dtype, bytes, left);
  }
  return count;
}

function countIn(dtype: DataType, bytes: Uint8Array, elements: number): number {
  const { bits, isFloat } = dataTypes[dtype];
  if (bits < 8) return countPacked(bytes, bits, Math.min(elements, (bytes.length * 8) / bits), dtype === 'float4e2m1');
  const hasSign = isFloat && !unsignedZero.has(dtype);
  if (bits === 8) return countWords(bytes, hasSign ? 0x7f : 0xff);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, length } = aligned;
  if (bits === 16) return countWords(new Uint16Array(buffer, byteOffset, length / 2), hasSign ? 0x7fff : 0xffff);
  const words = new Uint32Array(buffer, byteOffset, length / 4);
  if (bits === 32) return countWords(words, hasSign ? 0x7fffffff : 0xffffffff);
  return countWide(words, bits / 32, hasSign || dtype.startsWith('complex'), dtype === 'complex64');
}

/** In these the pattern of -0 means something else. */
const unsignedZero: ReadonlySet<DataType> = new Set(['float8e4m3fnuz', 'float8e5m2fnuz', 'float8e8m0']);

/** @param mask the bits that are all clear in a zero. */
function countWords(words: Uint8Array | Uint16Array | Uint32Array, mask: number): number {
  let count = 0;
  for (let i = 0; i < words.length; i++) if ((words[i]! & mask) !== 0) count++;
  return count;
}

/** Elements of several words: the sign bits stand in the upper word of each real number. */
function countWide(words: Uint32Array, perElement: number, hasSign: boolean, isComplex64: boolean): number {
  let count = 0;
  for (let i = 0; i < words.length; i += perElement) {
    let any = 0;
    for (let k = 0; k < perElement; k++) {
      const isUpper = isComplex64 || k % 2 === 1;
      any |= words[i + k]! & (hasSign && isUpper ? 0x7fffffff : 0xffffffff);
    }
    if (any !== 0) count++;
  }
  return count;
}

function countPacked(bytes: Uint8Array, bits: number, elements: number, hasSign: boolean): number {
  const perByte = 8 / bits;
  const mask = hasSign ? 0b0111 : 2 ** bits - 1;
  let count = 0;
  for (let i = 0; i < elements; i++) {
    if (((bytes[Math.floor(i / perByte)]! >>> ((i % perByte) * bits)) & mask) !== 0) count++;
  }
  return count;
}
