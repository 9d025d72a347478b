/** The job of `scalpel attack`. */
import type { AttackReport } from '../../report/attack-report.js';
import { InputFiles } from '../../run/input-files.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { inRun } from '../making/model-run.js';
import { Stopwatch } from '../making/stopwatch.js';
import { finish } from './finish.js';
import { inputsOf, manifestOf } from './manifest.js';
import { runPasses } from './passes.js';
import { checkPlaces } from './places.js';
import type { AttackOutput, AttackRequest } from './request.js';
import { openGroundFor, openScene } from './scene.js';

export async function run(request: AttackRequest, context: JobContext): Promise<AttackReport> {
  const watch = new Stopwatch();
  const output = request.output as AttackOutput;
  checkPlaces(
    output,
    request.attacks.map(({ name }) => name),
  );
  const scene = await openScene(request);
  const engine = await startEngine(request.engine, context);
  context.signal.throwIfAborted();
  const inputs = new InputFiles(await inputsOf(scene, request, context.signal));
  const manifest = manifestOf('attack', request, { files: inputs.files, scene, engine });
  return inRun({ output, manifest, inputs, context }, async (run) => {
    const { ground, levels } = await watch.time('prepare', () => openGroundFor(scene, request, engine, context.signal));
    try {
      const passes = await watch.time('attack', () => runPasses(request, ground, levels, run, context));
      return await finish({ request, output, scene, ground, levels, engine, manifest, passes, watch, context });
    } finally {
      await ground.release();
    }
  });
}
