/** What criteria for units are shown of data: statistics of what layers multiply, and slopes of the loss. */
import { observe } from '../../calibrate/observe.js';
import { batchesOf, type Samples } from '../../data/index.js';
import type { Layer } from '../../ops/layers.js';
import type { ColumnStatistics, SlopeSums, UnitStatistic } from '../../prune/units/index.js';
import { slopesOf } from '../../prune/units/slopes.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { calibrationBatch } from '../prune/job.js';
import { trainingLoss } from '../reconstruct/training-loss.js';
import type { ShrinkScene } from './scene.js';

export interface Looks {
  readonly statistics: ReadonlyMap<Layer, ColumnStatistics>;
  readonly slopes: ReadonlyMap<Layer, SlopeSums>;
}

/** Batches of a loss: so many that a single odd one decides nothing, and no more than they cost. */
const slopeBatch = 4;

/** @throws UserError for slopes of data without labels or text. */
export async function look(
  { flows: { graph }, groups }: ShrinkScene,
  needs: readonly UnitStatistic[],
  samples: Samples | undefined,
  engine: Engine,
  { signal, emit }: JobContext,
  batch?: number,
): Promise<Looks> {
  if (!samples || needs.length === 0) return { statistics: new Map(), slopes: new Map() };
  const layers = [...new Set(groups.flatMap(({ holdings }) => holdings.reads.map(({ layer }) => layer)))];
  const size = samples.fixedBatch ?? batch ?? calibrationBatch(samples);
  const sums = needs.filter((name) => name !== 'slopes');
  const tell = (stage: string, total: number) => (done: number) =>
    emit({ type: 'progress', stage, done, total, unit: 'batches' });
  const statistics =
    sums.length === 0
      ? new Map()
      : await observe(graph, layers, sums, batchesOf(samples, size), {
          ...engine,
          signal,
          onBatch: tell('observe', Math.ceil(samples.count / size)),
        });
  if (!needs.includes('slopes')) return { statistics, slopes: new Map() };
  const problem = trainingLoss(graph, samples);
  const each = samples.fixedBatch ?? Math.min(batch ?? slopeBatch, samples.count);
  const whole = Math.floor(samples.count / each);
  const batches = problem.batches(
    Array.from({ length: whole }, (_, i) => i),
    each,
  );
  const all = (function* () {
    for (let i = 0; i < batches.count; i++) yield batches.at(i);
  })();
  const slopes = await slopesOf(problem, layers, all, {
    ...engine,
    signal,
    onBatch: tell('slopes of the loss', whole),
  });
  return { statistics, slopes };
}
