/** The bitmask coding: a bit an element that says whether it is kept, and the kept elements in order. */
import { dataTypes, sizeOf } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type Bits, bitsOf, bytesOf, countKept, hasWords, keptOf, zerosLike } from './bits.js';
import { type Coded, type Coding, checkPart } from './coding.js';
import { damaged } from './entries.js';
import type { MakeWhenRead } from './made-when-read.js';

/** @param weight whose type `hasWords`. */
export function encodeBitmask(weight: Tensor, make: MakeWhenRead): Coded {
  const { shape } = weight;
  const maskBytes = Math.ceil(sizeOf(shape) / 8);
  const count = countKept(bitsOf(weight));
  return {
    coding: 'bitmask',
    facts: {},
    parts: new Map([
      ['.mask', { dtype: 'uint8', shape: [maskBytes], payload: make(maskBytes, () => maskOf(bitsOf(weight))) }],
      ['.values', keptValues(weight, count, make)],
    ]),
  };
}

/** The `count` elements of a weight that are not zero, in stored order. */
export const keptValues = (weight: Tensor, count: number, make: MakeWhenRead): Tensor => ({
  dtype: weight.dtype,
  shape: [count],
  payload: make((count * dataTypes[weight.dtype].bits) / 8, () => bytesOf(keptOf(bitsOf(weight), count))),
});

/** Element i has bit i mod 8 of byte ⌊i / 8⌋, bit 0 being the lowest. */
function maskOf(bits: Bits): Uint8Array {
  const mask = new Uint8Array(Math.ceil(bits.length / 8));
  for (let byte = 0, i = 0; byte < mask.length; byte++) {
    let packed = 0;
    for (let bit = 0; bit < 8 && i < bits.length; bit++, i++) if (bits[i]) packed |= 1 << bit;
    mask[byte] = packed;
  }
  return mask;
}

export const bitmask: Coding = {
  parts: ['.mask', '.values'],
  open({ dtype, shape }, [mask, values], where) {
    const elements = sizeOf(shape);
    if (!hasWords(dtype)) throw damaged(where, `elements of type ${dtype} have no mask`);
    checkPart(mask!, { dtype: 'uint8', shape: [Math.ceil(elements / 8)] }, `${where}: mask`);
    checkPart(values!, { dtype, shape: [sizeOf(values!.shape)] }, `${where}: values`);
    return () => bytesOf(spread(mask!.payload.read(), bitsOf(values!), elements, where));
  },
};

function spread(mask: Uint8Array, values: Bits, elements: number, where: string): Bits {
  const dense = zerosLike(values, elements);
  let next = 0;
  for (let byte = 0; byte < mask.length; byte++) {
    for (let packed = mask[byte]!, i = 8 * byte; packed !== 0; packed >>>= 1, i++) {
      if ((packed & 1) === 0) continue;
      if (i >= elements) throw damaged(where, `its mask keeps element ${i} of ${elements}`);
      dense[i] = values[next++]!;
    }
  }
  if (next !== values.length)
    throw damaged(where, `its mask keeps ${next} elements, but there are ${values.length} values`);
  return dense;
}
