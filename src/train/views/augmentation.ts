/** What an augmentation of time series is. */
import type { Sequence } from '../../tensor/sequence.js';

/** How one series lies in its array. */
export interface Shape {
  readonly channels: number;
  /** Steps of a channel in the array. */
  readonly length: number;
  /** How many of them, from the first on, have values; at least 1. */
  readonly valid: number;
}

/** A random change of one series. */
export interface Augmentation {
  readonly name: string;
  /**
   * Changes x, [channels, length], in place; what follows its valid steps stays as it is.
   * @param magnitude how strong the change is, in (0, 1].
   */
  apply(x: Float32Array, shape: Shape, magnitude: number, draw: Sequence): void;
}
