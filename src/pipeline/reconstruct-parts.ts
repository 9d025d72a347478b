/** Regions that do not depend on each other, solved by several processes into one run directory. */
import { UserError } from '../errors.js';
import { findParameters } from '../reconstruct/parameters.js';
import { lastReaders } from '../regions/propagate.js';
import { extract } from '../rewrite/extract.js';
import type { JobEvent } from '../runtime/job-protocol.js';
import type { Engine } from './engine.js';
import { firstReaders } from './first-readers.js';
import { memoryOf } from './memory.js';
import type { PruneRequest } from './prune-request.js';
import type { ReconstructWork } from './reconstruct-loop.js';
import type { ReconstructRequest } from './reconstruct-request.js';

/** What a process is told that solves every `count`th region from `index` on. */
export interface PartInput {
  readonly request: PruneRequest | ReconstructRequest;
  readonly engine: Engine;
  readonly run: string;
  readonly index: number;
  readonly count: number;
}

/**
 * Each process walks the dense model itself and writes the steps of its regions. All are waited for, so that what one finished is
 * kept where another failed.
 */
export async function solveInParts(
  request: PruneRequest | ReconstructRequest,
  engine: Engine,
  work: Pick<ReconstructWork, 'graph' | 'schedule' | 'run' | 'context'>,
): Promise<void> {
  const { jobs: count = 1 } = request;
  checkIndependent(work);
  const memory = Math.floor(memoryOf(request.engine) / count);
  const own = { ...request, engine: { ...request.engine, memory } };
  const latest = new Map<number, Progress>();
  const listen = (index: number) => (event: JobEvent) => {
    if (event.type === 'progress') {
      latest.set(index, event);
      if (latest.size === count) work.context.emit(together([...latest.values()]));
    } else if (event.type === 'log' && event.level === 'warn') work.context.emit(event);
  };
  const parts = Array.from({ length: count }, (_, index) => {
    const input: PartInput = { request: own, engine, run: work.run.path, index, count };
    const module = new URL('./reconstruct-part-job.js', import.meta.url);
    return work.context.job<null>(module, input, listen(index));
  });
  for (const part of await Promise.allSettled(parts)) if (part.status === 'rejected') throw part.reason;
}

type Progress = Extract<JobEvent, { type: 'progress' }>;

const together = (all: readonly Progress[]): Progress => ({
  ...all[0]!,
  done: all.reduce((sum, { done }) => sum + done, 0),
  total: all.reduce((sum, { total }) => sum + total, 0),
});

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
