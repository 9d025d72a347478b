/** Proposals: what a norm's version of the Square Attack asks about next. */

import type { Space } from '../oracle/space.js';
import type { Dice } from './dice.js';

/** One example, and where its search stands; [channels, positions] all. */
export interface Scene {
  readonly space: Space;
  readonly clean: Float32Array;
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** The best so far: written by the search. */
  readonly current: Float32Array;
  readonly dice: Dice;
  readonly eps: number;
}

export interface Proposals {
  /** The first point to ask about. */
  start(asked: Float32Array): void;
  /** Changes a point that equals `current`. @returns whether it differs now. */
  propose(asked: Float32Array, share: number): boolean;
}
