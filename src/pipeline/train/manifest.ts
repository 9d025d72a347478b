/** What decides the bytes that a training makes: the files it reads, by content, and its options. */
import type { InputFile } from '../../run/input-files.js';
import type { Manifest } from '../../run/run-directory.js';
import type { Engine } from '../engine.js';
import { manifestFor, modelInputs } from '../making/manifest.js';
import type { TrainRequest } from './request.js';
import type { TrainScene } from './scene.js';

export async function inputsOf(
  { sets, start }: TrainScene,
  { model }: TrainRequest,
  signal: AbortSignal,
): Promise<InputFile[]> {
  const own = model !== undefined && start ? await modelInputs(model, start, signal) : [];
  const read = [sets.training, sets.validation, sets.test].flatMap((set) => set?.provenance.files ?? []);
  const all = [...own, ...read].map(({ path, sha256 }) => ({ path, sha256 }));
  return [...new Map(all.map((each) => [each.path, each])).values()];
}

export const manifestOf = (
  request: TrainRequest,
  { files, scene, engine }: { files: readonly InputFile[]; scene: TrainScene; engine: Engine },
): Manifest => {
  const { engine: _, output, commandLine, data, training: settings, ...chosen } = request;
  const { training, validation, test } = scene.sets;
  return manifestFor('train', engine, files, {
    ...chosen,
    // one by one, so that the one that differs is named
    ...settings,
    data: [training, validation, test].map((set) => set?.provenance.description ?? null),
  });
};
