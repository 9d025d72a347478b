/** Pruning by several processes: units that do not wait for each other, and what is observed of the dense model for them. */

import { inParts, type Parting, type Share } from '../parts.js';
import { needsScores } from './layer-plan.js';
import { type PruneResult, type PruneWork, pruneEach } from './loop.js';
import { areAllPruned } from './region.js';
import { isObserved, observeForUnits, prepareUnits, type Units } from './units.js';

/** Where the request asks for several processes, they have pruned all units before these are returned. */
export async function preparedUnits(work: PruneWork, engine: Parting['engine']): Promise<Units> {
  const { request, run, schedule } = work;
  if ((request.jobs ?? 1) === 1) return prepareUnits(work);
  if (needsScores(request)) {
    // a plan that every score counts for has to be there before the first unit is pruned
    if (!(await isObserved(work))) await inParts('observe', { ...work, engine });
    await prepareUnits(work);
  }
  if (!(await areAllPruned(run, schedule.regions.length))) await inParts('prune', { ...work, engine });
  return prepareUnits(work, { isObserved: true });
}

/** Leaves steps in the run directory, from which the process that shared out the work goes on. */
export async function prunePart(work: PruneWork, { task, isMine }: Share): Promise<PruneResult> {
  await observeForUnits(work, isMine);
  if (task === 'observe') return { tensors: new Map(), facts: new Map(), plans: new Map() };
  const units = await prepareUnits(work, { isObserved: true });
  const own = [...work.schedule.regions.keys()].filter((index) => isMine(index));
  await pruneEach(work, units, own);
  return units.result();
}
