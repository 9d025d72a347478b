/** The job of `scalpel convert --to auto`: every form made aside and measured beside the others, the best one written. */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sizes } from '../../../evaluate/index.js';
import { makeFolder } from '../../../files/folder.js';
import { checkSpace } from '../../../files/space.js';
import type { Stage } from '../../../files/stage.js';
import { removeLeftovers, temporaryBeside } from '../../../files/temporary.js';
import type { FormsReport } from '../../../report/forms-report.js';
import { stageFormsReport } from '../../../report/write-report.js';
import type { JobContext } from '../../../runtime/job-protocol.js';
import { checkFiles } from '../../making/check-outputs.js';
import { commit } from '../../making/commit.js';
import { Stopwatch } from '../../making/stopwatch.js';
import { convertModel } from '../convert.js';
import { outputFiles, reportFiles } from '../places.js';
import { inputFiles, sceneOf } from '../scene.js';
import { stagedForm } from '../staged.js';
import type { Attempt } from './attempt.js';
import { candidatesOf } from './candidates.js';
import { bestOf, limitsOf, type Tried } from './choose.js';
import type { FormsOutput, FormsRequest } from './request.js';
import { type Comparison, formsReport } from './results.js';
import { type FormsScene, openForms } from './scene.js';
import { timesOf } from './times.js';
import { tryAll } from './try-all.js';

export async function run(request: FormsRequest, context: JobContext): Promise<FormsReport> {
  const watch = new Stopwatch();
  const { model, output } = request;
  const scene = await watch.time('open', () => openForms(request, context));
  const { settings, stand } = scene;
  const folder = scratchFor(output);
  const stages: Stage[] = [];
  try {
    const { tried: made, left } = await watch.time('try forms', () =>
      tryAll(candidatesOf(request.forms, request), scene, folder),
    );
    const { tried, original, warnings } = await watch.time('measure', () => timed(scene, made));
    const limits = limitsOf(request);
    const best = output?.file === undefined ? undefined : bestOf(tried, original, settings.by, limits);
    const files = best && (await watch.time('save', () => stageBest(scene, best, output as FileOutput, stages)));
    const report = await formsReport({
      ...{ request, settings, limits, stand, tried, left, original, warnings, watch, engine: scene.engine },
      sizes: await sizes(model, context.signal),
      ...(best && files && { written: { form: best, files } }),
    });
    if (output) {
      stages.push(await stageFormsReport(report, output.report));
      commit(stages, context.signal, { force: output.force });
    }
    return report;
  } finally {
    for (const each of stages) each.discard();
    rmSync(folder, { recursive: true, force: true });
  }
}

type FileOutput = FormsOutput & { readonly file: string };

/** On the disk where the best one will lie, if one will. */
function scratchFor(output: FormsOutput | undefined): string {
  const place = output?.file === undefined ? tmpdir() : dirname(output.file);
  makeFolder(place);
  removeLeftovers(place);
  const folder = temporaryBeside(join(place, 'forms'));
  mkdirSync(folder);
  return folder;
}

/** Where the runtime does not run the model itself, forms have nothing to be timed beside. */
async function timed(
  scene: FormsScene,
  made: readonly Attempt[],
): Promise<Pick<Comparison, 'tried' | 'original' | 'warnings'>> {
  const { model } = scene.request;
  const { refusal } = scene;
  if (refusal)
    return { tried: made, original: undefined, warnings: [`nothing was timed; of the model, ${refusal.reason}`] };
  const { models, warnings } = await timesOf(
    scene,
    made.filter(({ notRun }) => notRun === undefined),
  );
  const tried = made.map((each): Tried => {
    const bench = models.get(each.file);
    return { ...each, ...(bench && { bench }) };
  });
  return { tried, original: models.get(model), warnings };
}

/** Made once more, under the names that its files will have. */
async function stageBest(
  { request, stand, engine, context }: FormsScene,
  { candidate }: Tried,
  { file, force, report }: FileOutput,
  stages: Stage[],
): Promise<Stage['files']> {
  const scene = await sceneOf(stand, request, candidate);
  const converted = await convertModel({ ...request, ...candidate }, scene, engine, context);
  const files = outputFiles(converted, file);
  const outputs = [...files.map(({ path }) => path), ...reportFiles({ report })];
  await checkFiles({ outputs, inputs: inputFiles(stand.model, request), force });
  checkSpace(files);
  const staged = await stagedForm(converted, file, context.signal);
  stages.push(...staged);
  return staged.flatMap((each) => each.files);
}
