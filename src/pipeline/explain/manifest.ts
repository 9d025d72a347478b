/** What decides the counterfactuals that a run finds: the files it reads, by content, and its options. */
import { identify } from '../../data/index.js';
import type { InputFile } from '../../run/input-files.js';
import type { Manifest } from '../../run/run-directory.js';
import type { Engine } from '../engine.js';
import { manifestFor, modelInputs } from '../making/manifest.js';
import { openModel } from '../open-model.js';
import { type ExplainRequest, usualBatch } from './request.js';
import type { ExplainScene } from './scene.js';

/** The models and their external data, the data, the schema and the mask. */
export async function inputsOf(
  { model, samples, reference }: ExplainScene,
  { model: path, mask, schema, gradient, companions }: ExplainRequest,
  signal: AbortSignal,
): Promise<InputFile[]> {
  const own = await modelInputs(path, model, signal);
  const { perClass = {}, ...single } = companions;
  const others = [gradient, ...Object.values(single), ...Object.values(perClass)].filter((each) => each !== undefined);
  for (const each of others) own.push(...(await modelInputs(each, openModel(each), signal)));
  const small = await identify([mask, schema].filter((each) => each !== undefined));
  const read = [...samples.provenance.files, ...reference.provenance.files];
  const all = [...own, ...small, ...read].map(({ path: file, sha256 }) => ({ path: file, sha256 }));
  return [...new Map(all.map((each) => [each.path, each])).values()];
}

export const manifestOf = (
  request: ExplainRequest,
  { files, scene, engine }: { files: readonly InputFile[]; scene: ExplainScene; engine: Engine },
): Manifest => {
  const { engine: wanted, output, commandLine, data, reference, densities, ...chosen } = request;
  return manifestFor('explain', engine, files, {
    ...chosen,
    batch: wanted.batch ?? usualBatch,
    data: scene.samples.provenance.description,
    reference: reference === 'none' ? reference : scene.reference.provenance.description,
  });
};
