/** several: more counterfactuals of each instance than the best one: from what a search met on its way, and from searches without what is told. */
import type { Limits } from '../../oracle/trial.js';
import type { Case } from '../case.js';
import type { Alternative } from '../finding.js';
import type { Ground } from '../ground/ground.js';
import type { Several } from './diverse.js';
import { drawBack } from './draw-back.js';
import type { First, Search } from './first.js';
import { picked } from './picked.js';
import type { Pool } from './pool.js';

/**
 * Where the pool has too few, the method is run again with some features held: first one of those that the best find changes, the most
 * changed one in front, then also one of those that the find without it changes, and so on through the tree of what may be held (Reiter,
 * A theory of diagnosis from first principles, 1987), breadth first, twice as often at most as alternatives are asked for.
 * @returns of each row, in the order picked.
 */
export async function alternativesOf(
  first: First,
  ground: Ground,
  pool: Pool,
  { count, choice }: Several,
  search: Search,
): Promise<Alternative[][]> {
  const { asked, places, found, limits, started } = first;
  const made: Alternative[][] = places.map(() => []);
  const pick = async (lines: readonly Line[], isLenient: boolean): Promise<Line[]> => {
    const rows = lines.map(({ row }) => row);
    const told = await picked(first, ground, pool, rows, { count, choice, isLenient });
    rows.forEach((row, i) => {
      made[row] = told[i]!;
    });
    return lines.filter(({ row }) => made[row]!.length < count - 1);
  };
  const lines = asked.all
    .filter((row) => found[row] !== undefined)
    .map((row): Line => ({ row, spent: asked.forwards[row]!, waiting: held(asked, row, []) }));
  let open = await pick(lines, false);
  for (let again = 0; again < 2 * (count - 1); again++) {
    open = open.filter(
      ({ spent, waiting }) => waiting.length > 0 && spent < (limits?.queries ?? Number.POSITIVE_INFINITY),
    );
    if (open.length === 0) break;
    const barred = open.map(({ waiting }) => new Set(waiting[0]));
    const { asked: other } = await search(
      open.map(({ row }) => places[row]!),
      {
        barred,
        limits: limits && leftOf(limits, open, places.length, started),
        onReach: (reached) => pool.offer({ ...reached, row: open[reached.row]!.row }),
      },
    );
    const next = open.map((line, j) => ({
      ...line,
      spent: line.spent + other.forwards[j]!,
      waiting: [...line.waiting.slice(1), ...(other.found(j) ? held(other, j, [...barred[j]!]) : [])],
    }));
    open = await pick(next, false);
  }
  await pick(
    lines.filter(({ row }) => made[row]!.length < count - 1),
    true,
  );
  const rows = made.flatMap((own, row) => own.map(() => row));
  const drawn = await drawBack(first, ground, made.flat(), rows);
  return made.map((_, row) => drawn.filter((__, i) => rows[i] === row));
}

/** An instance that has too few yet. */
interface Line {
  readonly row: number;
  /** Forward passes so far. */
  readonly spent: number;
  /** Features to hold in searches to come. */
  readonly waiting: readonly (readonly number[])[];
}

/** What is held already and one more that the best find changes, each in turn, the most changed first. */
const held = (asked: Case, row: number, already: readonly number[]): number[][] =>
  asked
    .smallestFirst(row)
    .reverse()
    .map((feature) => [...already, feature]);

/** Limits are for all searches of an instance together. */
function leftOf({ queries, seconds }: Limits, open: readonly Line[], count: number, started: number): Limits {
  const spent = open.reduce((most, line) => Math.max(most, line.spent), 0);
  return {
    queries: queries && queries - spent,
    seconds: seconds && Math.max(0, seconds * count - (performance.now() - started) / 1000) / open.length,
  };
}
