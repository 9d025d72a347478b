/** eliminate: counterfactuals of fewer features, one less at a time. */
import type { Case } from './case.js';

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
  let open = rows.filter((row) => asked.found(row) && asked.changed(asked.best(row), row).length > 1);
  while (open.length > 0) {
    const { points, kept } = await withoutOne(asked, open);
    const before = open.map((row) => asked.cost(row));
    const free = new Uint8Array(asked.x.length);
    open.forEach((row, j) => {
      const features = new Set(kept[j]);
      for (let i = 0; i < asked.size; i++) free[row * asked.size + i] = Number(features.has(asked.features.labels[i]!));
    });
    await regain(points, open, free);
    open = open.filter((row, j) => asked.cost(row) < before[j]! - 1e-9 && kept[j]!.length > 1);
  }
}

/** The best of each without those features that its margin misses least, and the features that it still changes. */
async function withoutOne(asked: Case, open: readonly number[]): Promise<{ points: Float32Array; kept: number[][] }> {
  const { size } = asked;
  const tries = open.flatMap((row, j) => setsOf(asked, row).map((without) => ({ row, j, without: new Set(without) })));
  const points = new Float32Array(tries.length * size);
  tries.forEach(({ row, without }, at) => {
    const best = asked.best(row);
    for (let i = 0; i < size; i++)
      points[at * size + i] = without.has(asked.features.labels[i]!) ? asked.x[row * size + i]! : best[i]!;
  });
  const { margins } = await asked.propose(
    points,
    tries.map(({ row }) => row),
  );
  const chosen: number[] = open.map(() => -1);
  tries.forEach(({ j, without }, at) => {
    const best = chosen[j]!;
    const isMore = best >= 0 && without.size > tries[best]!.without.size;
    const reaches = margins[at]! < 0;
    // as many as can go at once, else the one that is missed least
    if (best < 0 || (isMore ? reaches : reaches === margins[best]! < 0 ? margins[at]! < margins[best]! : reaches))
      chosen[j] = at;
  });
  const made = new Float32Array(open.length * size);
  chosen.forEach((at, j) => {
    made.set(points.subarray(at * size, (at + 1) * size), j * size);
  });
  return {
    points: made,
    kept: open.map((row, j) => asked.changed(made.subarray(j * size, (j + 1) * size), row)),
  };
}

/** Features to go without: each alone, and of many the smallest two, four, eight ... together. */
function setsOf(asked: Case, row: number): number[][] {
  const best = asked.best(row);
  const size = new Float64Array(asked.features.count);
  for (let i = 0; i < asked.size; i++) {
    const f = asked.features.labels[i]!;
    size[f]! += asked.features.weights[i]! * (best[i]! - asked.x[row * asked.size + i]!) ** 2;
  }
  const changed = asked.changed(best, row).sort((a, b) => size[a]! - size[b]!);
  const sets = changed.slice(0, mostAlone).map((f) => [f]);
  if (changed.length > mostAlone)
    for (let many = 2; many < changed.length; many *= 2) sets.push(changed.slice(0, many));
  return sets;
}
