/** The job of one of several processes that share the regions of a run: it writes steps and answers nothing. */
import { RunDirectory } from '../run/run-directory.js';
import type { JobContext } from '../runtime/job-protocol.js';
import { withOwnText } from './making/make-model.js';
import { openGivenCalibration } from './open-data.js';
import type { PartInput, Share } from './parts.js';
import { pruneScene } from './prune/job.js';
import { setScene } from './prune/scene.js';
import { reconstructScene } from './reconstruct/job.js';
import { setReconstructScene } from './reconstruct/scene.js';

export async function run(input: PartInput, context: JobContext): Promise<null> {
  const { task, request, engine, run: path, index, count } = input;
  const directory = RunDirectory.join(path);
  const isMine = (region: number): boolean => region % count === index;
  const share: Share = { task, isMine, name: String(index) };
  const scene = 'dense' in request ? setReconstructScene(request) : setScene(request);
  const tokenizer = 'dense' in request ? request.dense : request.model;
  const calibration = await openGivenCalibration(scene.copy, tokenizer, request.calibration);
  const data = await withOwnText(
    { request, scene, data: { calibration, evaluation: undefined } },
    engine,
    directory,
    context,
  );
  await ('dense' in request
    ? reconstructScene(request, scene, data, engine, directory, context, share)
    : pruneScene(request, scene, data, engine, directory, context, share));
  return null;
}
