/** leastBudgets: an attack that stays within a budget, run again and again until the budget is the least that suffices. */

import type { Space } from '../oracle/space.js';
import type { Measure, MeasureName } from './measures.js';
import type { Tally } from './run.js';
import type { Victim } from './victim.js';

export interface BudgetSearch {
  /** The budget that is tried first. */
  readonly usual: number;
  readonly space: Space;
  readonly measure: MeasureName | Measure;
  /** Width of the box: no change is larger. */
  readonly width: number;
}

/** Budgets in positions or elements are whole; others are narrowed down to this ratio. */
const closeEnough = 1.02;
const mostRounds = 24;

/**
 * Doubles where an attack fails and halves where it succeeds, then bisects; what an attack needed of its budget counts, which may be
 * less than it had.
 * @param attacked runs the attack on some of the examples with a budget each.
 */
export async function leastBudgets(
  attacked: (rows: readonly number[], budgets: Float32Array) => Promise<Victim>,
  rows: readonly number[],
  { usual, space, measure, width }: BudgetSearch,
): Promise<Tally> {
  const isWhole = measure === 'l0' || measure === 'elements';
  const most = largest({ space, measure, width });
  const low = new Float64Array(rows.length);
  const high = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
  const next = new Float64Array(rows.length).fill(usual > 0 ? Math.min(usual, most) : most);
  const best: (Float32Array | undefined)[] = rows.map(() => undefined);
  const [forwards, backwards] = [new Uint32Array(rows.length), new Uint32Array(rows.length)];
  let milliseconds = 0;
  const isOpen = (row: number): boolean => {
    if (high[row] === Number.POSITIVE_INFINITY) return low[row]! < most;
    return isWhole ? high[row]! - low[row]! > 1 : high[row]! > closeEnough * low[row]! && high[row]! > usual * 1e-6;
  };
  let open = rows.filter(isOpen);
  for (let round = 0; open.length > 0 && round < mostRounds; round++) {
    const victim = await attacked(
      open,
      Float32Array.from(open, (row) => next[row]!),
    );
    milliseconds += victim.milliseconds;
    open.forEach((row, i) => {
      forwards[row]! += victim.forwards[i]!;
      backwards[row]! += victim.backwards[i]!;
      if (victim.found(i)) {
        high[row] = Math.min(next[row]!, victim.cost(i));
        best[row] = victim.best(i);
      } else {
        low[row] = next[row]!;
      }
      const isBounded = high[row] !== Number.POSITIVE_INFINITY;
      if (!isBounded) next[row] = Math.min(most, 2 * low[row]!);
      else if (isWhole) next[row] = Math.floor((low[row]! + high[row]!) / 2);
      else next[row] = low[row] === 0 ? high[row]! / 2 : Math.sqrt(low[row]! * high[row]!);
    });
    open = open.filter(isOpen);
  }
  return { best, forwards, backwards, milliseconds };
}

/** The measure of a change from one corner of the box to the opposite one: with more an attack can do nothing else. */
function largest({ space, measure, width }: Omit<BudgetSearch, 'usual'>): number {
  const known: Partial<Record<MeasureName, number>> = {
    l0: space.positions,
    elements: space.size,
    l1: space.size * width,
    l2: Math.sqrt(space.size) * width,
    linf: width,
  };
  return (typeof measure === 'string' ? known[measure] : undefined) ?? Number.POSITIVE_INFINITY;
}
