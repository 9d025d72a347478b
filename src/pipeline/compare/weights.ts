/** Differences between the tensors that two models store, element by element, read in parts. */
import { heed } from '../../heed.js';
import type { Model } from '../../ir/types.js';
import { decode, isConvertible } from '../../tensor/convert.js';
import { dataTypes, sizeOf } from '../../tensor/dtype.js';
import { dataOf, memoryPayload, type Tensor } from '../../tensor/tensor.js';
import { countNonZeros } from '../../tensor/zeros.js';
import { tensorsOf } from './bodies.js';
import type { WeightComparison, WeightDifference } from './report.js';

export async function compareWeights(a: Model, b: Model, signal?: AbortSignal): Promise<WeightComparison> {
  const [before, after] = [tensorsOf(a), tensorsOf(b)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const different: WeightDifference[] = [];
  for (const name of names) {
    await heed(signal);
    different.push(...(compareTensors(name, before.get(name), after.get(name)) ?? []));
  }
  return { same: names.length - different.length, different };
}

function compareTensors(name: string, a: Tensor | undefined, b: Tensor | undefined): WeightDifference[] | undefined {
  if (!a || !b) {
    const tensor = (a ?? b)!;
    return [a ? { name, change: 'removed', before: typeOf(tensor) } : { name, change: 'added', after: typeOf(tensor) }];
  }
  if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape)) {
    return [{ name, change: 'retyped', before: typeOf(a), after: typeOf(b) }];
  }
  const { changed, maxAbsolute } = a.dtype === 'string' ? compareStrings(a, b) : compareElements(a, b);
  if (changed === 0) return undefined;
  return [
    {
      name,
      change: 'changed',
      before: { ...typeOf(a), ...zerosOf(a) },
      after: { ...typeOf(b), ...zerosOf(b) },
      changed,
      ...(maxAbsolute === undefined ? {} : { maxAbsolute: Number.isFinite(maxAbsolute) ? maxAbsolute : null }),
    },
  ];
}

const typeOf = ({ dtype, shape }: Tensor) => ({ dtype, shape });

function zerosOf(t: Tensor): { zeros?: number } {
  const nonZero = countNonZeros(t);
  return nonZero === null ? {} : { zeros: sizeOf(t.shape) - nonZero };
}

interface Elements {
  changed: number;
  maxAbsolute?: number;
}

/** Bytes read at a time; a multiple of every element's width. */
const part = 2 ** 22;

function compareElements(a: Tensor, b: Tensor): Elements {
  const { bits } = dataTypes[a.dtype];
  const total: Elements = { changed: 0, ...(isConvertible(a.dtype) ? { maxAbsolute: 0 } : {}) };
  for (let offset = 0; offset < a.payload.byteLength; offset += part) {
    const length = Math.min(part, a.payload.byteLength - offset);
    const [x, y] = [a.payload.read(offset, length), b.payload.read(offset, length)];
    if (Buffer.compare(x, y) === 0) continue;
    const count = Math.min((length * 8) / bits, sizeOf(a.shape) - (offset * 8) / bits);
    total.changed += countChanged(x, y, bits, count);
    if (total.maxAbsolute !== undefined) {
      total.maxAbsolute = Math.max(total.maxAbsolute, largestDifference(values(a, x, count), values(a, y, count)));
    }
  }
  return total;
}

function countChanged(x: Uint8Array, y: Uint8Array, bits: number, count: number): number {
  let changed = 0;
  if (bits < 8) {
    const perByte = 8 / bits;
    const mask = 2 ** bits - 1;
    for (let i = 0; i < count; i++) {
      const at = Math.floor(i / perByte);
      if ((((x[at]! ^ y[at]!) >>> ((i % perByte) * bits)) & mask) !== 0) changed++;
    }
    return changed;
  }
  const width = bits / 8;
  for (let start = 0; start < count * width; start += width) {
    let any = 0;
    for (let k = start; k < start + width; k++) any |= x[k]! ^ y[k]!;
    if (any !== 0) changed++;
  }
  return changed;
}

/** Doubles and wide integers as they are: their differences may be smaller than float32 can tell. */
function values({ dtype }: Tensor, bytes: Uint8Array, count: number): ArrayLike<number | bigint> {
  const stored = dataOf({ dtype, shape: [count], payload: memoryPayload(bytes) });
  return dataTypes[dtype].bits < 32 || dtype === 'float32' ? decode(dtype, stored, count) : stored;
}

function largestDifference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    if (difference > largest) largest = difference;
    else if (Number.isNaN(difference) && Number.isNaN(Number(a[i])) !== Number.isNaN(Number(b[i]))) return Infinity;
  }
  return largest;
}

function compareStrings(a: Tensor, b: Tensor): Elements {
  const [x, y] = [a.strings ?? [], b.strings ?? []];
  return { changed: x.filter((text, i) => Buffer.compare(text, y[i] ?? new Uint8Array()) !== 0).length };
}
