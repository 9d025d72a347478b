/** eliminate: counterfactuals of fewer features, one less at a time. */
import { pick, rowAt } from '../../oracle/packed.js';
import type { Case } from '../case.js';

/** Of an instance that changes more features than these, the smallest changes are tried together. */
const mostAlone = 32;

/**
 * Takes the feature out of each best point that is missed least, and lets `regain` look for the goal with those that are left, until
 * no instance gets sparser.
 * @param regain is given points, packed, their rows and which elements may move, as those of the case.
 */
export async function eliminate(
  asked: Case,
  rows: readonly number[],
  regain: (points: Float32Array, rows: readonly number[], free: Uint8Array) => Promise<void>,
): Promise<void> {
  const hasSeveral = (row: number): boolean => asked.changed(asked.best(row), row).length > 1;
  let open = asked.solved(rows).filter(hasSeveral);
  while (open.length > 0) {
    // before the first try: a feature that is not missed at all is progress too
    const before = open.map((row) => asked.cost(row));
    const points = await withoutOne(asked, open);
    await regain(points, open, asked.changing(points, open));
    open = open.filter((row, j) => asked.cost(row) < before[j]! - 1e-9 && hasSeveral(row));
  }
}

/** The best of each without those features that its margin misses least, packed. */
async function withoutOne(asked: Case, open: readonly number[]): Promise<Float32Array> {
  const { size } = asked;
  const tries = open.flatMap((row, j) => setsOf(asked, row).map((without) => ({ row, j, without: new Set(without) })));
  const points = new Float32Array(tries.length * size);
  tries.forEach(({ row, without }, at) => {
    asked.reset(asked.best(row), row, without, rowAt(points, size, at));
  });
  const { margins } = await asked.propose(
    points,
    tries.map(({ row }) => row),
  );
  // as many as can go at once, else the one that is missed least
  const rank = (at: number): number => {
    const many = tries[at]!.without.size;
    return margins[at]! < 0 ? many : many === 1 ? 0 : -1;
  };
  const chosen: number[] = [];
  tries.forEach(({ j }, at) => {
    const best = chosen[j];
    const rise = best === undefined ? 1 : rank(at) - rank(best);
    if (rise > 0 || (rise === 0 && margins[at]! < margins[best!]!)) chosen[j] = at;
  });
  return pick(points, size, chosen);
}

/** Features to go without: each alone, and of many the smallest two, four, eight ... together. */
function setsOf(asked: Case, row: number): number[][] {
  const changed = asked.smallestFirst(row);
  const sets = changed.slice(0, mostAlone).map((f) => [f]);
  if (changed.length > mostAlone)
    for (let many = 2; many < changed.length; many *= 2) sets.push(changed.slice(0, many));
  return sets;
}
