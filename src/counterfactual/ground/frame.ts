/** Frame: coordinates in which distances between points say how alike they are. */
import { spreadOf } from '../../density/index.js';
import type { Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';

export interface Frame {
  /** Packed points of the search's range in these coordinates. */
  of(points: Float32Array): Float32Array;
  /** What a unit of each element is in them; absent: 1. */
  readonly scale?: Float32Array;
  /** The same for [batch, size]. */
  emit(g: Builder, points: Value): Value;
}

/** Points as the search has them. */
export const asTheyAre: Frame = { of: (points) => points, emit: (_, points) => points };

/**
 * Mean 0 and deviation 1 over given points, feature by feature; what never varies there counts as its range.
 * @param points packed [rows, size].
 */
export function standardised(points: Float32Array, size: number): Frame {
  const { mean, variance } = spreadOf(points, size);
  const scale = Float32Array.from(variance, (value) => (value > 1e-12 ? 1 / Math.sqrt(value) : 1));
  const shift = Float32Array.from(mean, (value, i) => -value * scale[i]!);
  return {
    scale,
    of: (values) => values.map((value, at) => value * scale[at % size]! + shift[at % size]!),
    emit: (g, values) => g.add(g.mul(values, g.floats(scale)), g.floats(shift)),
  };
}
