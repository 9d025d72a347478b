/** The job of `scalpel compare`. */
import { load } from '../onnx/load.js';
import type { JobContext } from '../runtime/job.js';
import { resolveProvider } from '../runtime/providers.js';
import { compare } from './compare.js';
import type { CompareReport, CompareRequest } from './compare-report.js';
import { openData } from './open-data.js';

export async function run(request: CompareRequest, { emit, signal }: JobContext): Promise<CompareReport> {
  const [a, b] = [load(request.a), load(request.b)];
  const { data, engine, tolerance, seed, parts } = request;
  const samples = data && (await openData(a.graph, request.a, data));
  const { name: provider, reasons } = await resolveProvider(engine.provider, engine);
  for (const text of reasons) emit({ type: 'log', level: 'info', text });
  return compare(a, b, {
    ...engine,
    provider,
    tolerance,
    seed,
    ...(parts && { parts }),
    samples,
    signal,
    onBatch: (done, total) => emit({ type: 'progress', stage: 'compare', done, total, unit: 'samples' }),
  });
}
