/** Gallery: which examples of an attack are shown, and what a page needs to show them. */

import type { Outcome } from '../attack/metrics/outcome.js';
import type { Frame } from './pair.js';
import { spaced } from './showcase.js';

export interface Gallery extends Frame {
  /** How the activation maps were made, or why there are none. */
  readonly mapNote?: string;
  readonly exhibits: readonly Exhibit[];
}

/** One example of one attack and pass. */
export interface Exhibit {
  readonly attack: string;
  readonly goal: string;
  readonly outcome: Outcome;
  /** In the input's units, [channels, positions]. */
  readonly clean: Float32Array;
  readonly adversarial: Float32Array;
  /** The model's margin of the clean example: how far its label is above all others. */
  readonly cleanMargin: number;
  /** Class activation of the clean example for its label, a number in [0, 1] a position. */
  readonly map?: Float32Array;
}

/**
 * At most `most` outcomes, from the least change to the most at equal distances of rank; where fewer succeeded, failures
 * are not shown.
 */
export function showcase(outcomes: readonly Outcome[], most: number): Outcome[] {
  const won = outcomes
    .filter(({ success }) => success)
    .sort((a, b) => a.change.positions - b.change.positions || a.change.l2 - b.change.l2 || a.id - b.id);
  return spaced(won, most);
}
