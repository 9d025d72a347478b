/** The job of `scalpel eval`. */
import { load } from '../onnx/load.js';
import type { JobContext } from '../runtime/job.js';
import { resolveProvider } from '../runtime/providers.js';
import type { EvalDocument, EvalRequest } from './eval-request.js';
import { openData } from './open-data.js';
import { measureQuality } from './quality.js';
import { workingCopy } from './working-copy.js';

export async function run(request: EvalRequest, { emit, signal }: JobContext): Promise<EvalDocument> {
  const started = performance.now();
  const graph = workingCopy(load(request.model).graph);
  const samples = await openData(graph, request.model, request.data);
  const { name: provider, reasons } = await resolveProvider(request.engine.provider, request.engine);
  for (const text of reasons) emit({ type: 'log', level: 'info', text });
  const quality = await measureQuality(graph, samples, request.metric, {
    ...request.engine,
    signal,
    onBatch: (done, total) => emit({ type: 'progress', stage: 'evaluate', done, total, unit: 'samples' }),
  });
  return {
    schemaVersion: 1,
    kind: 'eval',
    model: request.model,
    ...quality,
    provider,
    data: samples.provenance,
    timing: { totalSeconds: (performance.now() - started) / 1000 },
  };
}
