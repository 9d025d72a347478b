/** Integers of 2 and 4 bits as ONNX packs them: the first element in the lowest bits of a byte. */

/** `count` integers from their packed bytes. */
export function packedInts(bytes: Uint8Array, count: number, bits: 2 | 4, signed: boolean): Int8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const wrap = signed ? 2 ** (bits - 1) : 2 ** bits;
  return Int8Array.from({ length: count }, (_, i) => {
    const value = (bytes[Math.floor(i / perByte)]! >>> ((i % perByte) * bits)) & mask;
    return value < wrap ? value : value - 2 ** bits;
  });
}

/** Integers within the range of `bits`, packed. */
export function packInts(values: ArrayLike<number>, bits: 2 | 4): Uint8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  const bytes = new Uint8Array(Math.ceil(values.length / perByte));
  for (let i = 0; i < values.length; i++) {
    bytes[Math.floor(i / perByte)]! |= (values[i]! & mask) << ((i % perByte) * bits);
  }
  return bytes;
}
