/** The job of `scalpel convert --dry-run`: the form is made and looked at, and nothing of it is written. */
import type { Converted } from '../../convert/index.js';
import type { Samples } from '../../data/index.js';
import { randomSamples } from '../../data/random-samples.js';
import type { Model } from '../../ir/types.js';
import { annotate } from '../../runtime/annotate.js';
import type { JobContext } from '../../runtime/job.js';
import { convertModel } from '../convert/convert.js';
import { modelFrom, outputErrors } from '../convert/measure.js';
import { outputFiles, reportFiles } from '../convert/places.js';
import type { ConvertRequest } from '../convert/request.js';
import { type ConvertScene, inputFiles, openScene } from '../convert/scene.js';
import { type Engine, startEngine } from '../engine.js';
import { checkFiles } from '../making/check-outputs.js';
import { peakMemory } from '../peak-memory.js';
import { workingCopy } from '../working-copy.js';
import { savingSeconds, sizingSeconds } from './costs.js';
import type { DryRun, EstimatedPart } from './dry-run.js';
import { DryRunNotes } from './notes.js';
import { tryOut } from './trial.js';

/** Runs that compare outputs take this many samples. */
const usualBatch = 4;

/** @throws UserError where the model, the data or the provider cannot be had: the command would end there too. */
export async function run(request: ConvertRequest, context: JobContext): Promise<DryRun> {
  const notes = new DryRunNotes('convert');
  // what stands in the way of writing is told with everything else
  const { output, ...rest } = request;
  const scene = await openScene(rest);
  notes.model(scene.model);
  if (scene.calibration) notes.data('calibration', scene.calibration);
  if (scene.tokens?.samples) notes.data('tokens', scene.tokens.samples);
  if (scene.evaluation) notes.data('evaluation', scene.evaluation);
  const engine = await startEngine(request.engine, context);
  const started = performance.now();
  const converted = await notes.run(scene.model.graph, () => convertModel(request, scene, engine, context));
  const parts: EstimatedPart[] = [{ what: 'convert', seconds: (performance.now() - started) / 1000 }];
  if (!converted) return notes.finish(request.engine, undefined);
  const files = await notes.attempt(() => outputFiles(converted, output?.file ?? `${request.model}.converted`));
  if (!files) return notes.finish(request.engine, undefined);
  for (const note of converted.notes) notes.warn(note);
  if (output) {
    const outputs = [...files.map(({ path }) => path), ...reportFiles(output)];
    const inputs = inputFiles(scene.model, request);
    await notes.attempt(() => checkFiles({ outputs, inputs, force: output.force }));
    for (const { path, bytes } of files) notes.output(path, bytes);
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  parts.push({ what: 'save', seconds: savingSeconds(bytes) });
  if (!converted.hasOtherInputs)
    parts.push({
      what: 'compare outputs',
      seconds: await comparing(notes, request, scene, engine, converted, context),
    });
  parts.push({ what: 'measure sizes', seconds: sizingSeconds(files.map((file) => file.bytes)) });
  return notes.finish(request.engine, { parts, memoryBytes: peakMemory(), diskBytes: bytes });
}

/** Seconds for all samples, told from a few of them; the model is compared as it is in memory. */
async function comparing(
  notes: DryRunNotes,
  request: ConvertRequest,
  scene: ConvertScene,
  engine: Engine,
  converted: Converted,
  context: JobContext,
): Promise<number> {
  const after = (): Model => modelFrom(converted, scene.model, () => (converted.made as { model: Model }).model);
  const trial = await notes.attempt(async () => {
    const samples: Samples = scene.evaluation ?? (await randomFor(scene, request.seed));
    const made = await tryOut(samples, request.engine.batch ?? usualBatch, async (few) => {
      const measuring = { request, scene: { ...scene, evaluation: few }, engine, context };
      const { failure } = await outputErrors(measuring, converted, after);
      if (failure !== undefined) notes.warn(`outputs cannot be compared: ${failure}`);
    });
    return made.fixedSeconds + made.secondsPerSample * samples.count;
  });
  return trial ?? 0;
}

async function randomFor({ model }: ConvertScene, seed: number): Promise<Samples> {
  const copy = workingCopy(model.graph);
  return randomSamples(copy, await annotate(copy), seed);
}
