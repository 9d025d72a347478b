/** changedMask: at which positions an example changed in any channel. */
import type { Space } from '../../oracle/space.js';

/** 1 where it did, a number a position. */
export function changedMask(difference: Float32Array, { channels, positions }: Space): Uint8Array {
  const mask = new Uint8Array(positions);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < positions; p++) if (difference[c * positions + p] !== 0) mask[p] = 1;
  return mask;
}
