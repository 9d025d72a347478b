/** The job of `scalpel convert --to auto --dry-run`: every form is made in memory, and nothing is timed or written. */
import { isInterruption, UserError } from '../../errors.js';
import type { JobContext } from '../../runtime/job.js';
import { convertModel } from '../convert/convert.js';
import { candidatesOf } from '../convert/forms/candidates.js';
import type { FormsRequest } from '../convert/forms/request.js';
import { openForms } from '../convert/forms/scene.js';
import { outputFiles, reportFiles } from '../convert/places.js';
import { inputFiles, sceneOf } from '../convert/scene.js';
import { checkFiles } from '../making/check-outputs.js';
import { peakMemory } from '../peak-memory.js';
import { savingSeconds, sizingSeconds } from './costs.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { DryRunNotes } from './notes.js';

/** A process that loads a form: Node and the runtime before it. */
const secondsPerProcess = 0.7;

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: FormsRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('convert');
  const { output, ...rest } = request;
  const scene = await openForms(rest, context);
  const { stand, engine, settings } = scene;
  notes.model(stand.model);
  if (stand.calibration) notes.data('calibration', stand.calibration);
  if (stand.evaluation) notes.data('evaluation', stand.evaluation);
  if (output) {
    const outputs = [...(output.file === undefined ? [] : [output.file]), ...reportFiles(output)];
    await notes.attempt(() => checkFiles({ outputs, inputs: inputFiles(stand.model, request), force: output.force }));
    for (const path of outputs) notes.output(path);
  }
  const candidates = candidatesOf(request.forms, request);
  const made: number[] = [];
  const started = performance.now();
  let refusal: UserError | undefined;
  for (const [i, candidate] of candidates.entries()) {
    context.emit({ type: 'progress', stage: 'try forms', done: i, total: candidates.length, unit: 'forms' });
    try {
      if (candidate.lacks !== undefined) throw new UserError('convert', candidate.lacks);
      const form = await convertModel(
        { ...request, ...candidate },
        await sceneOf(stand, request, candidate),
        engine,
        context,
      );
      made.push(outputFiles(form, 'model').reduce((sum, { bytes }) => sum + bytes, 0));
    } catch (error) {
      if (!(error instanceof UserError) || isInterruption(error)) throw error;
      notes.warn(`${candidate.name} is left out: ${error.message}`);
      refusal ??= error;
    }
  }
  if (made.length === 0) {
    notes.problem(refusal!.exitCode, refusal!.message);
    return notes.finish(request.engine, undefined);
  }
  const bytes = made.reduce((sum, each) => sum + each, 0);
  const parts: EstimatedPart[] = [
    { what: 'convert', seconds: (performance.now() - started) / 1000 },
    { what: 'save', seconds: savingSeconds(bytes) },
    { what: 'measure sizes', seconds: sizingSeconds(made) },
    { what: 'time, at most', seconds: (made.length + 1) * settings.seconds },
    { what: 'load', seconds: (made.length + 1) * (settings.loads + 1) * secondsPerProcess },
  ];
  return notes.finish(request.engine, { parts, memoryBytes: peakMemory(), diskBytes: bytes });
}
