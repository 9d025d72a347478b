/** Elements as bit patterns: what is zero and what is copied is told by bits, so that -0, NaN and subnormals stay what they are. */
import { type DataType, dataTypes } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';

/** One unsigned word an element. Only the word 0 is left out of a sparse weight. */
export type Bits = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

type BitsConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Bits;

const wordsOfBits: Readonly<Record<number, BitsConstructor>> = {
  8: Uint8Array,
  16: Uint16Array,
  32: Uint32Array,
  64: BigUint64Array,
};

/** Whether each element fills a word of its own; those narrower than a byte, complex128 and strings do not. */
export const hasWords = (dtype: DataType): boolean => wordsOfBits[dataTypes[dtype].bits] !== undefined;

/** A view of little-endian `bytes` where alignment allows, else a copy. @param dtype one that `hasWords`. */
export function wordsIn(dtype: DataType, bytes: Uint8Array): Bits {
  const width = dataTypes[dtype].bits / 8;
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new (wordsOfBits[8 * width] as BitsConstructor)(buffer, byteOffset, bytes.byteLength / width);
}

/** All elements of a tensor, in stored order. */
export const bitsOf = ({ dtype, payload }: Tensor): Bits => wordsIn(dtype, payload.read());

/** An array of `length` zeros as wide as the elements of `like`. */
export const zerosLike = (like: Bits, length: number): Bits =>
  new (like.constructor as new (length: number) => Bits)(length);

export const bytesOf = ({ buffer, byteOffset, byteLength }: Bits): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export function countKept(bits: Bits): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) if (bits[i]) count++;
  return count;
}

/** The elements that are not zero, in order. */
export function keptOf(bits: Bits, count: number): Bits {
  const kept = zerosLike(bits, count);
  let to = 0;
  for (let i = 0; i < bits.length; i++) if (bits[i]) kept[to++] = bits[i]!;
  return kept;
}
