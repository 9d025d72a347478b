/** How good a model is before and after a run, and whether that is good enough. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Samples } from '../../data/index.js';
import { exitCodes, UserError } from '../../errors.js';
import type { Graph } from '../../ir/types.js';
import type { RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { forwardFor } from '../memory.js';
import { figureOf, measureQuality, type Quality, relativeDrop } from '../quality.js';
import type { DataRequest, EngineRequest, MetricName } from '../requests.js';

export interface Judging {
  readonly samples: Samples | undefined;
  readonly evaluation: (DataRequest & { readonly metric: MetricName }) | undefined;
  /** As asked for, and as started. */
  readonly wanted: EngineRequest;
  readonly engine: Engine;
  readonly run: RunDirectory;
  readonly context: JobContext;
}

/** Measured once for each stage: a resumed run remembers. Nothing without evaluation data. */
export async function judgeQuality(
  { samples, evaluation, wanted, engine, run, context }: Judging,
  stage: string,
  graph: () => Graph,
): Promise<Quality | undefined> {
  if (!samples || !evaluation) return undefined;
  const tell = (done: number, total: number): void =>
    context.emit({ type: 'progress', stage: `evaluate ${stage}`, done, total, unit: 'samples' });
  // how much is evaluated may differ from start to start
  const what = createHash('sha256').update(JSON.stringify(evaluation)).digest('hex').slice(0, 8);
  return run.remember(`quality-${stage}-${what}`, () => {
    const judged = graph();
    tell(0, samples.count);
    return measureQuality(judged, samples, evaluation.metric, {
      ...engine,
      forward: forwardFor(judged, wanted, join(run.path, 'evaluation')),
      ...(wanted.batch !== undefined && { batch: wanted.batch }),
      signal: context.signal,
      onBatch: tell,
    });
  });
}

/** @throws UserError (exit 4) when quality fell by more than was allowed; nothing has been written then. */
export function checkGate(
  command: string,
  maxDrop: number | undefined,
  before: Quality | undefined,
  after: Quality | undefined,
): void {
  if (maxDrop === undefined || !before || !after) return;
  const drop = relativeDrop(before, after);
  if (drop <= maxDrop) return;
  const [was, is] = [figureOf(before).toPrecision(5), figureOf(after).toPrecision(5)];
  throw new UserError(
    command,
    `expected ${before.metric} to get worse by at most ${maxDrop} of ${was}, got ${is} (${drop.toPrecision(3)}); nothing was written: prune less, or choose another method`,
    { exitCode: exitCodes.gate },
  );
}
