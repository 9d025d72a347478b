/** Outcomes made up for tests of summaries. */
import type { Change } from '../../../src/attack/metrics/change.js';
import type { Outcome } from '../../../src/attack/metrics/outcome.js';
import { byFigure } from '../../../src/attack/metrics/summary.js';

/** All figures of the change are `size`. */
export const changeOfSize = (size: number): Change => byFigure(() => size);

/** @param size of the change; undefined where the attack failed. */
export const outcomeOf = (id: number, size: number | undefined, more: Partial<Outcome> = {}): Outcome => ({
  id,
  label: 0,
  goal: 0,
  success: size !== undefined,
  predicted: size === undefined ? 0 : 1,
  margin: size === undefined ? 1 : -1,
  forwards: 10,
  backwards: 5,
  change: changeOfSize(size ?? 0),
  ...more,
});
