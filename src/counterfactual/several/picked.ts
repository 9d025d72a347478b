/** picked: alternatives out of a pool: what holds on the model as it is, is not much dearer than the best one, and is unlike it. */
import { concatenated } from '../../oracle/packed.js';
import type { Alternative } from '../finding.js';
import { asPoints, type Ground } from '../ground/ground.js';
import { isValid, storedOf } from '../stored.js';
import type { Several } from './diverse.js';
import { diverse } from './diverse.js';
import { effortOf, mostEffort } from './effort.js';
import type { First } from './first.js';
import { apart, differenceOf } from './kernel.js';
import type { Pool } from './pool.js';

/** Two that are told differ at least by this share of the smaller of their changes. */
const leastApart = 0.25;
/** Of a pool so many, the cheapest, are asked of the model as it is. */
const mostChecked = 64;

/**
 * Of each of `rows` the alternatives that its pool has, in the order picked. Those that change what a taken one changes and more
 * features besides are left, unless `isLenient`.
 */
export async function picked(
  { asked, places, found }: First,
  ground: Ground,
  pool: Pool,
  rows: readonly number[],
  { count, choice, isLenient }: Several & { readonly isLenient: boolean },
): Promise<Alternative[][]> {
  const { features } = asked;
  const pooled = rows.flatMap((row) => {
    const most = mostEffort * effortOf(features, differenceOf(asked.best(row), asked.starts([row])));
    return pool
      .of(row)
      .filter(({ difference }) => effortOf(features, difference) <= most)
      .slice(0, mostChecked)
      .map(({ point }) => ({ row, point }));
  });
  const points = concatenated(pooled.map(({ point }) => point));
  const own = pooled.map(({ row }) => row);
  const stored = await storedOf(asked, ground, places, points, own);
  return rows.map((row) => {
    const start = asPoints(asked.input(row), ground.bounds);
    const valid = stored.filter((each, i) => own[i] === row && isValid(each));
    const all = [found[row]!, ...valid].map((each) => {
      const point = asPoints(each.values, ground.bounds);
      const difference = differenceOf(point, start);
      return { ...each, point, effort: effortOf(features, difference), change: apart(features, difference) };
    });
    const distance = (i: number, j: number): number => apart(features, differenceOf(all[i]!.point, all[j]!.point));
    const chosen = diverse(
      {
        count: all.length,
        distance,
        quality: (i) => Math.min(1, all[0]!.effort / all[i]!.effort),
        isOther: (taken, i) =>
          distance(taken, i) >= leastApart * Math.min(all[taken]!.change, all[i]!.change) &&
          (isLenient || !isMore(all[i]!.changed, all[taken]!.changed)),
      },
      choice,
      count,
    );
    return chosen.slice(1).map((i) => {
      const { values: counterfactual, scores, margin, changed } = all[i]!;
      return { counterfactual, scores, margin, changed };
    });
  });
}

const isMore = (changed: readonly number[], less: readonly number[]): boolean =>
  changed.length > less.length && less.every((feature) => changed.includes(feature));
