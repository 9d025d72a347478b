/** What decides the examples that an attack run finds: the files it reads, by content, and its options. */
import { identify } from '../../data/index.js';
import type { InputFile } from '../../run/input-files.js';
import type { Manifest } from '../../run/run-directory.js';
import type { Engine } from '../engine.js';
import { manifestFor, modelInputs } from '../making/manifest.js';
import { openModel } from '../open-model.js';
import { type AttackRequest, usualBatch } from './request.js';
import type { AttackScene } from './scene.js';

/** The model and its external data, the data, the mask and the model of gradients. */
export async function inputsOf(
  { model, samples }: AttackScene,
  { model: path, mask, gradient }: AttackRequest,
  signal: AbortSignal,
): Promise<InputFile[]> {
  const own = await modelInputs(path, model, signal);
  const given = gradient === undefined ? [] : await modelInputs(gradient, openModel(gradient), signal);
  const masks = mask === undefined ? [] : await identify([mask]);
  return [...own, ...given, ...masks, ...samples.provenance.files].map(({ path: file, sha256 }) => ({
    path: file,
    sha256,
  }));
}

export const manifestOf = (
  command: string,
  request: AttackRequest,
  { files, scene, engine }: { files: readonly InputFile[]; scene: AttackScene; engine: Engine },
): Manifest => {
  const { model, attacks, wish, limits, bisect, seed } = request;
  const { examples, bounds, levels, mask, input, at, scores, space, gradient, chunk } = request;
  const chosen = { examples, bounds, levels, mask, input, at, scores, space, gradient, chunk };
  return manifestFor(command, engine, files, {
    ...{ model, attacks, wish, limits, bisect, seed },
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)),
    batch: request.engine.batch ?? usualBatch,
    data: scene.samples.provenance.description,
  });
};
