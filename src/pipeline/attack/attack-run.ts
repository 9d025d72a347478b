/** A run of attacks from the request to its files, however the findings are had: by attacking, or from parts that did. */
import type { OpenGround } from '../../attack/index.js';
import type { AttackReport } from '../../report/attack-report.js';
import { InputFiles } from '../../run/input-files.js';
import type { RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { checkPlaces, type FolderOutput } from '../folder-output.js';
import { inRun } from '../making/model-run.js';
import { Stopwatch } from '../making/stopwatch.js';
import { finish } from './finish.js';
import { inputsOf, manifestOf } from './manifest.js';
import type { Found } from './passes.js';
import { checkOutputs } from './places.js';
import type { AttackRequest } from './request.js';
import { openGroundFor, openScene } from './scene.js';

export interface Hunt {
  readonly ground: OpenGround;
  /** Values that an input can have, where success after rounding to them is to be told. */
  readonly levels: number | undefined;
  readonly run: RunDirectory;
}

/** @throws UserError when a place is taken, or the model is no classifier of the data. */
export async function attackRun(
  command: 'attack' | 'merge',
  request: AttackRequest,
  context: JobContext,
  find: (hunt: Hunt) => Promise<Found>,
): Promise<AttackReport> {
  const watch = new Stopwatch();
  const output = request.output as FolderOutput;
  checkPlaces('attack', output);
  const scene = await openScene(request);
  const engine = await startEngine(request.engine, context);
  context.signal.throwIfAborted();
  const inputs = new InputFiles(await inputsOf(scene, request, context.signal));
  await checkOutputs(output, request, inputs.files);
  const manifest = manifestOf(command, request, { files: inputs.files, scene, engine });
  return inRun({ output, manifest, inputs, context }, async (run) => {
    const { ground, levels } = await watch.time('prepare', () => openGroundFor(scene, request, engine, context.signal));
    try {
      const found = await watch.time(command, () => find({ ground, levels, run }));
      return await finish({ request, output, scene, ground, levels, engine, manifest, run, watch, context, ...found });
    } finally {
      await ground.release();
    }
  });
}
