/** Pruning by several processes: units that do not wait for each other, and what is observed of the dense model for them. */
import { inParts, type Parting, type Share } from './parts.js';
import { type PruneResult, type PruneWork, pruneEach } from './prune-loop.js';
import { areAllPruned } from './prune-region.js';
import { isObserved, observeForUnits, prepareUnits, type Units } from './prune-units.js';

/** Where the request asks for several processes, they have pruned all units before these are returned. */
export async function preparedUnits(work: PruneWork, engine: Parting['engine']): Promise<Units> {
  if ((work.request.jobs ?? 1) === 1) return prepareUnits(work);
  if (!(await isObserved(work))) await inParts('observe', { ...work, engine });
  const units = await prepareUnits(work);
  if (!(await areAllPruned(work.run, work.schedule.regions.length))) await inParts('prune', { ...work, engine });
  return units;
}

/** Leaves steps in the run directory, from which the process that shared out the work goes on. */
export async function prunePart(work: PruneWork, { task, isMine }: Share): Promise<PruneResult> {
  if (task === 'observe') {
    await observeForUnits(work, isMine);
    return { tensors: new Map(), facts: new Map(), plans: new Map() };
  }
  const units = await prepareUnits(work, { isObserved: true });
  await pruneEach(
    work,
    units,
    [...work.schedule.regions.keys()].filter((index) => isMine(index)),
  );
  return units.result();
}
