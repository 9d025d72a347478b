/** The job of `scalpel eval --dry-run`. */
import type { JobContext } from '../../runtime/job.js';
import { startEngine } from '../engine.js';
import type { EvalRequest } from '../eval/request.js';
import { openData } from '../open-data.js';
import { openModel } from '../open-model.js';
import { workingCopy } from '../working-copy.js';
import type { DryRun } from './dry-run.js';
import { forwardPart, tryForward } from './forward.js';
import { DryRunNotes } from './notes.js';

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: EvalRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('eval');
  const first = await opened(request);
  // most of a long reading may be the disk, and the run will find the files in the memory of the system
  const isSlow = first.seconds > 0.5 && first.seconds < 5;
  const { model, graph, samples, seconds: reading } = isSlow ? await opened(request) : first;
  notes.model(model);
  notes.data('evaluation', samples);
  const opening = { what: 'read the model and the data', seconds: reading };
  const { metric, engine: wanted } = request;
  const begin = performance.now();
  const engine = await startEngine(wanted, context);
  const starting = { what: 'start the provider', seconds: (performance.now() - begin) / 1000 };
  const trial = await tryForward(notes, { graph, samples, metric, engine, wanted, signal: context.signal });
  if (!trial) return notes.finish(wanted, undefined);
  const parts = [opening, starting, forwardPart('evaluate', samples, trial)];
  return notes.finish(wanted, { parts, memoryBytes: trial.peakBytes, diskBytes: 0 });
}

async function opened({ model: path, data }: EvalRequest) {
  const started = performance.now();
  const model = openModel(path);
  const graph = workingCopy(model.graph);
  const samples = await openData(graph, path, data);
  return { model, graph, samples, seconds: (performance.now() - started) / 1000 };
}
