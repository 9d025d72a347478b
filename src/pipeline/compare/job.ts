/** The job of `scalpel compare`. */
import { load } from '../../onnx/load.js';
import type { JobContext } from '../../runtime/job.js';
import { startEngine } from '../engine.js';
import { openData } from '../open-data.js';
import { workingCopy } from '../working-copy.js';
import { compare } from './compare.js';
import type { CompareReport, CompareRequest } from './report.js';

export async function run(request: CompareRequest, context: JobContext): Promise<CompareReport> {
  const [a, b] = [load(request.a), load(request.b)];
  const { data, tolerance, seed, parts } = request;
  const samples = data && (await openData(workingCopy(a.graph), request.a, data));
  const engine = await startEngine(request.engine, context);
  const { batch } = request.engine;
  const tell = (done: number, total: number): void =>
    context.emit({ type: 'progress', stage: 'compare', done, total, unit: 'samples' });
  if (samples && (parts === undefined || parts.includes('outputs'))) tell(0, samples.count);
  return compare(a, b, {
    ...engine,
    ...(batch !== undefined && { batch }),
    tolerance,
    seed,
    ...(parts && { parts }),
    samples,
    signal: context.signal,
    onBatch: tell,
  });
}
