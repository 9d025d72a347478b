/** What a dry run finds of a command that makes a model of a model, whatever it does to it. */
import { existsSync } from 'node:fs';
import { batchesOf, feedsFor, type Samples } from '../../data/index.js';
import { checkSpace } from '../../files/space.js';
import { savedFiles } from '../../onnx/save.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { withProgram } from '../../runtime/program.js';
import type { Engine } from '../engine.js';
import { checkFiles, checkPlaces } from '../making/check-outputs.js';
import { placesOf } from '../making/model-outputs.js';
import type { MakingRequest } from '../making/request.js';
import { type SpaceScene, spaceFor, spillOf } from '../making/space.js';
import { fitsWhole, memoryOf } from '../memory.js';
import type { Scene } from '../prune/scene.js';
import { hashingSeconds, savingSeconds, sizingSeconds } from './costs.js';
import type { EstimatedPart } from './dry-run.js';
import { forwardPart, tryForward } from './forward.js';
import type { DryRunNotes } from './notes.js';
import { firstOf, type Trial, tryOut } from './trial.js';

export interface Trials<Request extends MakingRequest> {
  readonly scene: Scene;
  readonly request: Request;
  readonly calibration: Samples | undefined;
  readonly evaluation: Samples | undefined;
  readonly engine: Engine;
  readonly context: JobContext;
}

type AnyTrials = Trials<MakingRequest>;

/** Notes what would be written, and what stands in its way. */
export async function lookAtOutputs(
  notes: DryRunNotes,
  { scene, request }: { readonly scene: SpaceScene & Pick<Scene, 'pruned'>; readonly request: MakingRequest },
): Promise<void> {
  const { output } = request;
  if (!output) return;
  const { outputs, inputs } = placesOf(scene, request, output);
  const sizes = new Map(savedFiles(scene.model, output.model).map(({ path, bytes }) => [path, bytes]));
  for (const path of outputs) notes.output(path, sizes.get(path));
  if (existsSync(output.run)) notes.warn(`${output.run} exists: a run with these options would go on from it`);
  await notes.attempt(() => checkPlaces(output));
  await notes.attempt(() => checkFiles({ outputs, inputs, force: output.force }));
  await notes.attempt(() => checkSpace(spaceFor(scene, request, output, existsSync(output.run))));
}

/** Quality before and after (and of the dense model, where that is another), and latency. Undefined where a trial did not go through. */
export async function evaluationParts(notes: DryRunNotes, trials: AnyTrials): Promise<EstimatedPart[] | undefined> {
  const { scene, request, calibration, evaluation, engine, context } = trials;
  if (!evaluation || !request.evaluation) return calibration ? latencyAlone(notes, trials, calibration) : [];
  const { metric } = request.evaluation;
  const asked = { graph: scene.copy, samples: evaluation, metric, wanted: request.engine };
  const trial = await tryForward(notes, { ...asked, engine, signal: context.signal });
  if (!trial) return undefined;
  const [what, times] = scene.pruned
    ? (['evaluate dense, before and after', 3] as const)
    : (['evaluate before and after', 2] as const);
  return [forwardPart(what, evaluation, trial, times), latencyPart(scene, request, trial)];
}

/** Without evaluation data, latency is measured on what there is. */
async function latencyAlone(
  notes: DryRunNotes,
  { scene, request, engine }: AnyTrials,
  calibration: Samples,
): Promise<EstimatedPart[] | undefined> {
  const { copy } = scene;
  const trial = await notes.run(copy, () =>
    tryOut(firstOf(calibration, 1), 1, (few) =>
      withProgram(copy, engine, async (program) => {
        for (const batch of batchesOf(few, few.count)) await program.run(feedsFor(program.inputs, batch));
      }),
    ),
  );
  return trial && [latencyPart(scene, request, trial)];
}

/** 33 runs of one sample for each of the two models, or five seconds of them. */
function latencyPart(scene: Scene, { engine }: AnyTrials['request'], trial: Trial): EstimatedPart {
  if (!fitsWhole(scene.model.graph, memoryOf(engine), 2)) return { what: 'latency (left out)', seconds: 0 };
  const runs = Math.max(8 * trial.secondsPerSample, Math.min(5, 33 * trial.secondsPerSample));
  return { what: 'latency of both models', seconds: 2 * (runs + trial.fixedSeconds) };
}

export function outputParts({ scene, request }: Pick<AnyTrials, 'scene' | 'request'>): EstimatedPart[] {
  if (!request.output) return [];
  const bytes = savedFiles(scene.model, request.output.model).map((file) => file.bytes);
  const whole = bytes.reduce((sum, each) => sum + each, 0);
  return [
    { what: 'hash inputs', seconds: (scene.pruned ? 2 : 1) * hashingSeconds(whole) },
    { what: 'save', seconds: savingSeconds(whole) },
    { what: 'measure sizes', seconds: sizingSeconds(bytes) },
  ];
}

/** Bytes of the outputs and of what the run keeps on its way. */
export const outputBytes = ({ scene, request }: Pick<AnyTrials, 'scene' | 'request'>): number =>
  request.output
    ? spaceFor(scene, request, request.output, existsSync(request.output.run)).reduce(
        (sum, { bytes }) => sum + bytes,
        0,
      )
    : 0;

/** What waits between regions in memory. */
export const waitingBytes = ({ request, calibration }: AnyTrials, perSample: number): number =>
  Math.min(memoryOf(request.engine) / 4, perSample * (calibration?.count ?? 0));

/** Bytes that wait between regions of the dense model and of the pruned one; none where the model is trained as a whole. */
export async function fitCrossings(
  request: AnyTrials['request'],
  calibration: Samples,
  scene: Pick<Scene, 'copy' | 'schedule'>,
): Promise<{ readonly perSample: number; readonly files: number }> {
  if (request.reconstruction?.retrain) return { perSample: 0, files: 0 };
  const { perSample, files } = await spillOf(scene, request, calibration);
  return { perSample: 2 * perSample, files: 2 * files };
}

/** The largest layer in six forms (stored, read, scored, pruned, settled, stored again) and what its region keeps until it is written. */
export function workingBytes({ schedule, selected }: Pick<Scene, 'schedule' | 'selected'>): number {
  const chosen = new Set(selected);
  const bytes = schedule.regions.map(({ layers }) =>
    layers.filter((layer) => chosen.has(layer)).map((layer) => 4 * layer.positions),
  );
  const largest = Math.max(0, ...bytes.flat());
  const region = Math.max(0, ...bytes.map((each) => each.reduce((sum, one) => sum + one, 0)));
  return 6 * largest + region;
}
