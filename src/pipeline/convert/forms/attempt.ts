/** attempt: one form made, written into a folder, compared and run once in a process of its own. */
import { join } from 'node:path';
import type { Samples } from '../../../data/samples.js';
import { isInterruption, UserError } from '../../../errors.js';
import { fileSizes, type Sizes } from '../../../evaluate/index.js';
import type { Graph } from '../../../ir/types.js';
import { verify } from '../../../ir/verify.js';
import { load } from '../../../onnx/load.js';
import type { OutputErrors } from '../../../report/convert-report.js';
import { ProcessDied } from '../../../runtime/job-death.js';
import { freshLoads } from '../../bench/fresh-loads.js';
import { randomInputs } from '../../bench/random-inputs.js';
import { sharedInputs } from '../../bench/shared-inputs.js';
import { convertModel } from '../convert.js';
import { type Judged, type Measuring, modelFrom, outputErrors, type QualityPair, qualities } from '../measure.js';
import { outputFiles } from '../places.js';
import { stagedForm } from '../staged.js';
import type { Candidate } from './candidates.js';

export interface Attempt {
  readonly candidate: Candidate;
  /** How many weights are in another form. */
  readonly tensors: number;
  readonly notes: readonly string[];
  readonly file: string;
  readonly writes: 'onnx' | 'safetensors';
  readonly sizes: Sizes;
  readonly outputs: OutputErrors;
  readonly quality?: QualityPair;
  /** Whether the same data are other numbers to it. */
  readonly hasOtherInputs: boolean;
  /** Why it is not timed: tensors no runtime reads, or what the runtime says. */
  readonly notRun?: string;
}

export interface Trial extends Measuring {
  /** What it is run with. */
  readonly samples: Samples;
  /** Of the model as it came; measured once. */
  readonly before: () => Promise<Judged | undefined>;
  /** Why the model itself is not run. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly reason: string;
  /** Whether the runtime took its process along: then it is not run in this one. */
  readonly isDeath: boolean;
}

const noModel: Refusal = { reason: 'weights for other readers, no model', isDeath: false };
const notCompared: OutputErrors = { inputs: 'none', outputs: [], failure: 'ONNX Runtime breaks down on it' };

/** @param folder an empty one. @throws UserError for a form that does not fit. */
export async function attempt(candidate: Candidate, trial: Trial, folder: string): Promise<Attempt> {
  const { request, scene, engine, context } = trial;
  const converted = await convertModel({ ...request, ...candidate }, scene, engine, context);
  const { kind } = converted.made;
  const wanted = join(folder, kind === 'model' ? 'model.onnx' : 'model.safetensors');
  const files = outputFiles(converted, wanted).map(({ path }) => path);
  for (const each of await stagedForm(converted, wanted, context.signal)) each.commit();
  const after = () => modelFrom(converted, scene.model, () => load(wanted));
  if (kind === 'model') verify(load(wanted).graph);
  const hasOtherInputs = converted.hasOtherInputs === true;
  const samples = hasOtherInputs ? await randomFor(trial, load(wanted).graph) : trial.samples;
  const refusal = kind === 'model' ? await refusalOf(wanted, { ...trial, samples }) : noModel;
  const isFatal = refusal?.isDeath === true || trial.refusal?.isDeath === true;
  const outputs = isFatal ? notCompared : await outputErrors(trial, converted, after);
  const quality = isFatal ? undefined : await qualities(trial, converted, after, trial.before);
  return {
    candidate,
    tensors: converted.tensors.length,
    notes: converted.notes,
    file: wanted,
    writes: kind === 'model' ? 'onnx' : 'safetensors',
    sizes: await fileSizes(files, context.signal),
    outputs,
    ...(quality && { quality }),
    hasOtherInputs,
    ...(refusal && { notRun: refusal.reason }),
  };
}

/** What both the model and a form take. */
const randomFor = ({ request: { engine, seed }, scene: { model } }: Trial, form: Graph): Promise<Samples> =>
  randomInputs(sharedInputs([model]), { batch: engine.batch ?? 1, seed, others: [form] });

/** Why the runtime does not run a file as it lies, in a process of its own; undefined where it does. */
export async function refusalOf(
  file: string,
  { request, samples, engine, context }: Pick<Trial, 'request' | 'samples' | 'engine' | 'context'>,
): Promise<Refusal | undefined> {
  const options = {
    batch: request.engine.batch ?? 1,
    each: { engine, warmUp: 0, runs: 0, milliseconds: 0 },
    rounds: { rounds: 1, leastRounds: 1 },
  };
  try {
    await freshLoads([file], samples, options, context);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError) || isInterruption(error)) throw error;
    return { reason: `ONNX Runtime does not run it: ${error.message}`, isDeath: error instanceof ProcessDied };
  }
}
