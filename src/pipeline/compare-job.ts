/** The job of `scalpel compare`. */
import { load } from '../onnx/load.js';
import type { JobContext } from '../runtime/job.js';
import { compare } from './compare.js';
import type { CompareReport, CompareRequest } from './compare-report.js';
import { startEngine } from './engine.js';
import { openData } from './open-data.js';
import { workingCopy } from './working-copy.js';

export async function run(request: CompareRequest, context: JobContext): Promise<CompareReport> {
  const [a, b] = [load(request.a), load(request.b)];
  const { data, tolerance, seed, parts } = request;
  const samples = data && (await openData(workingCopy(a.graph), request.a, data));
  const engine = await startEngine(request.engine, context);
  const { batch } = request.engine;
  return compare(a, b, {
    ...engine,
    ...(batch !== undefined && { batch }),
    tolerance,
    seed,
    ...(parts && { parts }),
    samples,
    signal: context.signal,
    onBatch: (done, total) => context.emit({ type: 'progress', stage: 'compare', done, total, unit: 'samples' }),
  });
}
