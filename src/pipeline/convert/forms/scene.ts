/** What a comparison of forms works with. */
import type { Samples } from '../../../data/samples.js';
import { checkFolder } from '../../../files/folder.js';
import type { JobContext } from '../../../runtime/job-protocol.js';
import { type OptionValues, settle } from '../../../settings/index.js';
import { randomInputs } from '../../bench/random-inputs.js';
import { sharedInputs } from '../../bench/shared-inputs.js';
import { type Engine, startEngine } from '../../engine.js';
import { checkFiles } from '../../making/check-outputs.js';
import { openModel } from '../../open-model.js';
import { reportFiles } from '../places.js';
import { inputFiles, openStand, type Stand } from '../scene.js';
import { type Refusal, refusalOf } from './attempt.js';
import { auto } from './auto.js';
import type { FormsRequest } from './request.js';

export interface FormsScene {
  readonly request: FormsRequest;
  readonly settings: OptionValues<typeof auto.options>;
  readonly stand: Stand;
  /** What forms are run with: a few of the data, or random numbers. */
  readonly samples: Samples;
  readonly engine: Engine;
  /** Why the runtime does not run the model as it came. */
  readonly refusal: Refusal | undefined;
  readonly context: JobContext;
}

/** @throws UserError for what cannot be had or done, before anything is made. */
export async function openForms(request: FormsRequest, context: JobContext): Promise<FormsScene> {
  const settings = settle(auto, request.given);
  const { output, seed, engine: wanted } = request;
  const model = openModel(request.model);
  if (output) {
    checkFolder(output.report);
    await checkFiles({
      outputs: [...(output.file === undefined ? [] : [output.file]), ...reportFiles(output)],
      inputs: inputFiles(model, request),
      force: output.force,
    });
  }
  const stand = await openStand(model, request);
  const samples = stand.evaluation ?? (await randomInputs(sharedInputs([model]), { batch: wanted.batch ?? 1, seed }));
  const engine = await startEngine(wanted, context);
  const refusal = await refusalOf(request.model, { request, samples, engine, context });
  return { request, settings, stand, samples, engine, refusal, context };
}
