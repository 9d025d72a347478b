/** Measures: how much an adversarial example differs, as one number: by it an attack's best so far is kept. */

import type { Space } from '../oracle/space.js';
import { patchesTouched } from './metrics/patches.js';

/** Of the difference from the clean example, [channels, positions]; the smaller the better. */
export type Measure = (difference: Float32Array, space: Space) => number;

export const measures = {
  /** Positions that changed in any channel. */
  l0: (d, { positions, channels }) => {
    let count = 0;
    for (let p = 0; p < positions; p++) {
      for (let c = 0; c < channels; c++) {
        if (d[c * positions + p] === 0) continue;
        count++;
        break;
      }
    }
    return count;
  },
  /** Elements that changed: a position of three channels counts up to three times. */
  elements: (d) => d.reduce((count, value) => (value === 0 ? count : count + 1), 0),
  l1: (d) => d.reduce((sum, value) => sum + Math.abs(value), 0),
  l2: (d) => Math.sqrt(d.reduce((sum, value) => sum + value * value, 0)),
  linf: (d) => d.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  /** Patches of 8 x 8 positions that hold a change: small when changes lie together. */
  d20: (d, space) => patchesTouched(d, space),
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;
