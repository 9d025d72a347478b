/** Pair: an example as it is and as a method changed it, side by side on a page. */
import type { Bounds } from '../oracle/bounds.js';
import type { Space } from '../oracle/space.js';

export interface Pair {
  /** Its number in the data. */
  readonly sample: number;
  /** In the input's units, [channels, positions]. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** What each is called: original and adversarial. */
  readonly titles: Sides;
  /** What the model says of each. */
  readonly says: Sides;
  /** What stands under each, besides. */
  readonly details: Sides;
  /** Class activation of the original for what the model says of it, a number in [0, 1] a position. */
  readonly map?: Float32Array | undefined;
}

export interface Sides {
  readonly before: string;
  readonly after: string;
}

/** What the pairs of a page have in common. */
export interface Frame {
  readonly space: Space;
  readonly bounds: Bounds;
  /** In which order the channels of a picture come; default: red first. */
  readonly order?: 'rgb' | 'bgr';
}
