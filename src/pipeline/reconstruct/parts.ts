/** Regions that do not depend on each other, solved by several processes into one run directory. */
import { UserError } from '../../errors.js';
import { findParameters } from '../../ops/parameters.js';
import { lastReaders } from '../../regions/propagate.js';
import { extract } from '../../rewrite/extract.js';
import { inParts, type Parting } from '../parts.js';
import { firstReaders } from './first-readers.js';
import type { ReconstructWork } from './loop.js';

/** Each process walks the dense model itself and writes the steps of its regions. */
export async function solveInParts(parting: Parting, work: Pick<ReconstructWork, 'graph' | 'schedule'>): Promise<void> {
  checkIndependent(work);
  await inParts('reconstruct', parting);
}

/** @throws UserError naming the first weight that moves in one region and is read in another. */
function checkIndependent({ graph, schedule }: Pick<ReconstructWork, 'graph' | 'schedule'>): void {
  const [first, last] = [firstReaders(graph, schedule), lastReaders(graph, schedule.regions)];
  for (const [index, { inputs, outputs, layers }] of schedule.regions.entries()) {
    const shared = findParameters(extract(graph, inputs, outputs), layers).find(
      (value) => first.get(value) === index && (last.get(value) ?? index) > index,
    );
    if (!shared) continue;
    throw new UserError(
      'jobs',
      `expected regions with weights of their own, got '${shared.name}' in several: one has to wait for the other; leave --jobs out`,
    );
  }
}
