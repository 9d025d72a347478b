/** Symmetric integers of a stored weight: zero is stored as zero, so what pruning removed stays removed. */
import { encode } from '../../tensor/convert.js';
import { sizeOf } from '../../tensor/dtype.js';
import { dequantize, type Quantization, quantize, scaleIndex } from '../../tensor/quantized.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

export interface Integers {
  /** int8, in the shape of the weight. */
  readonly stored: Tensor;
  /** One, or one per index of `axis`. */
  readonly scales: Float32Array;
  readonly axis: number | undefined;
  /** What the runtime reads, in the order stored. */
  readonly decoded: Float32Array;
}

/**
 * Largest magnitudes go to ±(2^(bits-1) - 1).
 * @param axis that scales run along; one scale for all without.
 */
export function symmetric(
  values: Float32Array,
  shape: readonly number[],
  axis: number | undefined,
  bits: number,
): Integers {
  const most = 2 ** (bits - 1) - 1;
  const count = axis === undefined ? 1 : shape[axis]!;
  const form = { zeroPoint: new Float32Array(count), axis: axis ?? 0, blockSize: 1, isBlocked: false };
  const indexOf = scaleIndex(shape, { ...form, scale: new Float32Array(count) });
  const largest = new Float32Array(count);
  for (let i = 0; i < sizeOf(shape); i++) {
    const at = indexOf(i);
    const size = Math.abs(values[i]!);
    if (size > largest[at]!) largest[at] = size;
  }
  const scales = scalesFor(largest, most);
  const q: Quantization = { ...form, scale: scales };
  // a scale rounded down to float32 could reach one step beyond
  const integers = quantize(values, 'int8', shape, q).map((value) => Math.max(-most, Math.min(most, value)));
  return {
    stored: tensor('int8', shape, encode('int8', integers)),
    scales,
    axis,
    decoded: dequantize(integers, shape, q),
  };
}

/** A channel without anything has the scale of the whole: a bias that is stored by it keeps its digits. */
function scalesFor(largest: Float32Array, most: number): Float32Array {
  const whole = largest.reduce((a, b) => Math.max(a, b), 0);
  const least = 2 ** -126;
  return largest.map((each) => Math.max(least, (each || whole || most) / most));
}
