/** Linear quantisation as DequantizeLinear defines it: real = (stored - zero point) * scale. */
import { roundHalfEven } from './convert.js';
import { type DataType, dataTypes } from './dtype.js';

/** Scales and zero points of a quantised tensor: one for all, one per index of `axis`, or one per block along it. */
export interface Quantization {
  readonly scale: Float32Array;
  /** As many as scales; all zero where the model gives none. */
  readonly zeroPoint: Float32Array;
  /** The axis that scales run along; of no meaning with a single scale. */
  readonly axis: number;
  /** Consecutive indices of `axis` that share a scale; 1 is per axis. */
  readonly blockSize: number;
  /** Whether scales vary along the other axes too, as blocked ones do. */
  readonly isBlocked: boolean;
}

/** For each element of a tensor of that shape, which scale it has. */
export function scaleIndex(shape: readonly number[], q: Quantization): (element: number) => number {
  if (q.scale.length === 1) return () => 0;
  const inner = shape.slice(q.axis + 1).reduce((product, size) => product * size, 1);
  const along = shape[q.axis]!;
  if (!q.isBlocked) return (element) => Math.floor(element / inner) % along;
  const blocks = Math.ceil(along / q.blockSize);
  return (element) => {
    const row = Math.floor(element / inner);
    const block = Math.floor((row % along) / q.blockSize);
    return (Math.floor(row / along) * blocks + block) * inner + (element % inner);
  };
}

/** Real values of stored integers (given as numbers), in float32 as the runtime computes them. */
export function dequantize(stored: Float32Array, shape: readonly number[], q: Quantization): Float32Array {
  const index = scaleIndex(shape, q);
  return stored.map((value, i) => (value - q.zeroPoint[index(i)]!) * q.scale[index(i)]!);
}

/** Stored integers (as numbers) nearest to real values, clamped to the range of `dtype`. */
export function quantize(
  values: Float32Array,
  dtype: DataType,
  shape: readonly number[],
  q: Quantization,
): Float32Array {
  const index = scaleIndex(shape, q);
  const [low, high] = integerRange(dtype);
  return values.map((value, i) => {
    const scaled = roundHalfEven(value / q.scale[index(i)]!) + q.zeroPoint[index(i)]!;
    return Math.min(high, Math.max(low, scaled));
  });
}

/** Least and greatest value of an integer type. */
export function integerRange(dtype: DataType): readonly [low: number, high: number] {
  const { bits } = dataTypes[dtype];
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
