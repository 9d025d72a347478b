/** Weights as float32 matrices and back to what the model stores. */
import { decode, encode, floatsOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { dequantize, quantize, scaleIndex } from '../tensor/quantized.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import type { Layer } from './layers.js';
import { fromMatrices, toMatrices } from './layout.js';

/** The weights of a layer as float32 [stacks, rows, columns], dequantised where the model does; a fresh array. */
export const readMatrices = (layer: Layer, stored: Tensor = layer.stored): Float32Array =>
  toMatrices(layer.layout, realValues(layer, stored));

/**
 * What the model stores for matrices `values` [stacks, rows, columns] under a mask of the same shape, 1 where kept.
 * Masked elements become +0 (or the zero point); kept ones that are unchanged keep their stored bits; changed ones are
 * rounded once to the stored type, with the scale the model has.
 */
export const storeMatrices = (layer: Layer, values: Float32Array, mask: Uint8Array): Tensor =>
  settleMatrices(layer, values, mask, readMatrices(layer)).tensor;

/**
 * As `storeMatrices`, and what reading the new tensor gives.
 * @param before what `readMatrices` gave for the layer.
 */
export function settleMatrices(
  layer: Layer,
  values: Float32Array,
  mask: Uint8Array,
  before: Float32Array,
): { readonly tensor: Tensor; readonly after: Float32Array } {
  const { dtype, shape } = layer.stored;
  if (dtype === 'float32' && !layer.quantization) {
    // nothing is rounded: one pass and one transposition, and no second look at the file
    const after = keptOf(values, mask, before);
    return { tensor: tensor(dtype, shape, fromMatrices(layer.layout, after)), after };
  }
  const stored = storeRounded(layer, values, mask);
  return { tensor: stored, after: readMatrices(layer, stored) };
}

function keptOf(values: Float32Array, mask: Uint8Array, before: Float32Array): Float32Array {
  const kept = new Float32Array(values.length);
  for (let i = 0; i < kept.length; i++) {
    if (mask[i] !== 0) kept[i] = sameNumber(values[i]!, before[i]!) ? before[i]! : values[i]!;
  }
  return kept;
}

function storeRounded(layer: Layer, values: Float32Array, mask: Uint8Array): Tensor {
  const { dtype, shape } = layer.stored;
  const before = realValues(layer, layer.stored);
  const after = fromMatrices(layer.layout, values);
  const kept = fromMatrices(layer.layout, mask);
  const isUnchanged = (i: number): boolean => kept[i] === 1 && sameNumber(after[i]!, before[i]!);
  return layer.quantization
    ? storeIntegers(layer, after, kept, isUnchanged)
    : tensor(dtype, shape, storeFloats(layer.stored, after, kept, isUnchanged));
}

/** The largest difference between what was asked to be stored and what `stored` holds: rounding or requantisation. */
export function storageError(layer: Layer, values: Float32Array, mask: Uint8Array, stored: Tensor): number {
  let largest = 0;
  readMatrices(layer, stored).forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value - (mask[i] ? values[i]! : 0)));
  });
  return largest;
}

const sameNumber = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

function realValues(layer: Layer, stored: Tensor): Float32Array {
  const values = floatsOf(stored);
  return layer.quantization ? dequantize(values, stored.shape, layer.quantization) : values;
}

function storeFloats(stored: Tensor, after: Float32Array, kept: Uint8Array, isUnchanged: (i: number) => boolean) {
  const before = dataOf(stored);
  const bits = encode(stored.dtype, after);
  for (let i = 0; i < bits.length; i++) {
    if (isUnchanged(i)) bits[i] = before[i]!;
    else if (kept[i] === 0) bits[i] = 0;
  }
  return bits;
}

function storeIntegers(
  layer: Layer,
  after: Float32Array,
  kept: Uint8Array,
  isUnchanged: (i: number) => boolean,
): Tensor {
  const { dtype, shape } = layer.stored;
  const q = layer.quantization!;
  const scaleOf = scaleIndex(shape, q);
  const before = decode(dtype, dataOf(layer.stored), sizeOf(shape));
  const integers = quantize(after, dtype, shape, q);
  for (let i = 0; i < integers.length; i++) {
    if (isUnchanged(i)) integers[i] = before[i]!;
    else if (kept[i] === 0) integers[i] = q.zeroPoint[scaleOf(i)]!;
  }
  return tensor(dtype, shape, encode(dtype, integers));
}
