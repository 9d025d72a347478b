/** The job of `scalpel explain`. */
import type { ExplainReport } from '../../report/explain-report.js';
import { InputFiles } from '../../run/input-files.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { checkPlaces, type FolderOutput } from '../folder-output.js';
import { inRun } from '../making/model-run.js';
import { Stopwatch } from '../making/stopwatch.js';
import { finish } from './finish.js';
import { inputsOf, manifestOf } from './manifest.js';
import { runPasses } from './passes.js';
import { checkOutputs } from './places.js';
import type { ExplainRequest } from './request.js';
import { openGroundFor, openScene } from './scene.js';

/** @throws UserError when a place is taken, or the model cannot say what is wished. */
export async function run(request: ExplainRequest, context: JobContext): Promise<ExplainReport> {
  const watch = new Stopwatch();
  const output = request.output as FolderOutput;
  checkPlaces('explain', output);
  const scene = await openScene(request);
  const engine = await startEngine(request.engine, context);
  context.signal.throwIfAborted();
  const inputs = new InputFiles(await inputsOf(scene, request, context.signal));
  await checkOutputs(output, request, inputs.files);
  const manifest = manifestOf(request, { files: inputs.files, scene, engine });
  return inRun({ output, manifest, inputs, context }, async (directory) => {
    const opened = await watch.time('prepare', () => openGroundFor(scene, request, engine, context.signal));
    try {
      const passes = await watch.time('explain', () => runPasses(request, opened.ground, directory, context));
      return await finish({
        request,
        output,
        scene,
        ...opened,
        engine,
        manifest,
        run: directory,
        watch,
        context,
        passes,
      });
    } finally {
      await opened.ground.release();
    }
  });
}
