/** The end of a prune run: model and report are made aside and measured there, and appear in one step. */
import { sizes } from '../../evaluate/index.js';
import { hashFile } from '../../files/hash.js';
import type { Stage } from '../../files/stage.js';
import { verify } from '../../ir/verify.js';
import { load } from '../../onnx/load.js';
import { stageModel } from '../../onnx/save.js';
import { stageReport } from '../../report/index.js';
import type { PruneReport } from '../../report/prune-report.js';
import type { RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Quality } from '../quality.js';
import { withUnitOrder } from '../unit-order.js';
import type { LatencyPair } from './latency-job.js';
import { publish } from './publish.js';
import { type Finished, type Measured, pruneReport } from './results.js';

export interface Finish extends Omit<Finished, 'dense' | 'before' | 'after' | 'times'> {
  readonly run: RunDirectory;
  readonly context: JobContext;
  readonly qualities: Readonly<Record<'dense' | 'before' | 'after', Quality | undefined>>;
  /** Times the model that lies at `place` against the one it was made from. */
  latency(place: string): Promise<LatencyPair | string | undefined>;
}

/** Nothing has its final name before everything is complete; a run that is stopped in between goes on from its regions. */
export async function finish(work: Finish): Promise<PruneReport> {
  const { scene, made, output, watch, context, run, result } = work;
  const whole = { ...scene.model, graph: made };
  const id = result.order?.id;
  const model = id === undefined ? whole : withUnitOrder(whole, id);
  const stages: Stage[] = [await watch.time('save', () => stageModel(model, output.model, context.signal))];
  try {
    const place = stages[0]!.files.at(-1)!.place;
    verify(load(place).graph);
    const report = pruneReport({ ...work, ...(await measure(work, place)) });
    stages.push(await stageReport(report, output.report));
    await publish(stages, run, output.force, context.signal);
    return report;
  } finally {
    for (const stage of stages) stage.discard();
  }
}

async function measure(
  { request, scene, watch, context, qualities, latency }: Finish,
  place: string,
): Promise<Pick<Finished, 'dense' | 'before' | 'after' | 'times'>> {
  const { signal } = context;
  const tell = (done: number): void =>
    context.emit({ type: 'progress', stage: 'measure size and speed', done, total: 2 });
  const figures = async (path: string, quality: Quality | undefined): Promise<Measured> => ({
    ...(quality && { quality }),
    sizes: await sizes(path, signal),
    sha256: await hashFile(path, signal),
  });
  tell(0);
  const files = await watch.time('measure sizes', async () => ({
    ...(scene.pruned && { dense: await figures(scene.pruned.dense.path, qualities.dense) }),
    before: await figures(request.model, qualities.before),
    after: await figures(place, qualities.after),
  }));
  tell(1);
  const times = await watch.time('measure latency', () => latency(place));
  tell(2);
  return { ...files, times };
}
