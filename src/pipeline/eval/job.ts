/** The job of `scalpel eval`. */
import type { JobContext } from '../../runtime/job.js';
import { startEngine } from '../engine.js';
import { forwardFor } from '../memory.js';
import { openData } from '../open-data.js';
import { openModel } from '../open-model.js';
import { measureQuality } from '../quality.js';
import { workingCopy } from '../working-copy.js';
import type { EvalDocument, EvalRequest } from './request.js';

export async function run(request: EvalRequest, context: JobContext): Promise<EvalDocument> {
  const started = performance.now();
  const graph = workingCopy(openModel(request.model).graph);
  const samples = await openData(graph, request.model, request.data);
  const engine = await startEngine(request.engine, context);
  const { batch } = request.engine;
  const tell = (done: number, total: number): void =>
    context.emit({ type: 'progress', stage: 'evaluate', done, total, unit: 'samples' });
  tell(0, samples.count);
  const quality = await measureQuality(graph, samples, request.metric, {
    ...engine,
    forward: forwardFor(graph, request.engine),
    ...(batch !== undefined && { batch }),
    signal: context.signal,
    onBatch: tell,
  });
  return {
    schemaVersion: 1,
    kind: 'eval',
    model: request.model,
    ...quality,
    provider: engine.provider,
    data: samples.provenance,
    timing: { totalSeconds: (performance.now() - started) / 1000 },
  };
}
