/** The job of `scalpel train`. */
import type { TrainReport } from '../../report/train-report.js';
import { InputFiles } from '../../run/input-files.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { checkPlaces, type FolderOutput } from '../folder-output.js';
import { inRun } from '../making/model-run.js';
import { Stopwatch } from '../making/stopwatch.js';
import { runBaselines } from './baselines.js';
import { runCells } from './cells.js';
import { checkTrainings } from './check.js';
import { finish } from './finish.js';
import { inputsOf, manifestOf } from './manifest.js';
import { checkOutputs } from './places.js';
import type { TrainRequest } from './request.js';
import { openScene } from './scene.js';
import { runSearch } from './search.js';

/** @throws UserError when a place is taken, or the series cannot be trained on. */
export async function run(request: TrainRequest, context: JobContext): Promise<TrainReport> {
  const watch = new Stopwatch();
  const output = request.output as FolderOutput;
  checkPlaces('train', output);
  const scene = await watch.time('read', () => openScene(request));
  checkTrainings(scene, request);
  const engine = await startEngine(request.engine, context);
  context.signal.throwIfAborted();
  const inputs = new InputFiles(await inputsOf(scene, request, context.signal));
  await checkOutputs(output, request, inputs.files);
  const manifest = manifestOf(request, { files: inputs.files, scene, engine });
  return inRun({ output, manifest, inputs, context }, async (run) => {
    const given = { request, scene, engine, run, context };
    const found = request.search && (await watch.time('search', () => runSearch(given, request.search!)));
    const work = found ? { ...given, request: found.request } : given;
    const cells = await watch.time('train', () => runCells(work));
    const baselines = await watch.time('baselines', () => runBaselines(work));
    return finish({ ...work, output, cells, baselines, ...(found && { search: found.result }), manifest, watch });
  });
}
