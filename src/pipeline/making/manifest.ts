/** What decides the bytes of a run that makes a model: the files it reads, by content, and its options. */
import { identify } from '../../data/index.js';
import { UserError } from '../../errors.js';
import { hashFile } from '../../files/hash.js';
import type { Model } from '../../ir/types.js';
import { patternOf } from '../../masks/patterns.js';
import { modelFiles } from '../../onnx/model-files.js';
import type { RegionChoice } from '../../regions/index.js';
import type { InputFile } from '../../run/input-files.js';
import type { Manifest } from '../../run/run-directory.js';
import type { Engine } from '../engine.js';
import type { PruneRequest, RunRequest } from '../prune/request.js';
import type { Scene } from '../prune/scene.js';
import { platform, versions } from '../versions.js';
import type { MakingRequest } from './request.js';
import type { Data } from './results.js';

/** Models with their external data, files of regions, calibration and evaluation data. @throws UserError when a model was replaced meanwhile. */
export async function inputsOf(
  { model, pruned }: Pick<Scene, 'model' | 'pruned'>,
  request: MakingRequest,
  { calibration, evaluation }: Data,
  signal: AbortSignal,
): Promise<InputFile[]> {
  const own: InputFile[] = await modelInputs(request.model, model, signal);
  if (pruned) own.push(...(await modelInputs(pruned.dense.path, pruned.dense.model, signal)));
  own.push(...(await identify(regionFiles(request))));
  const read = [...(calibration?.provenance.files ?? []), ...(evaluation?.provenance.files ?? [])];
  return [...own, ...read].map(({ path, sha256 }) => ({ path, sha256 }));
}

/** The model and its external data. @throws UserError when one was replaced meanwhile. */
export async function modelInputs(path: string, model: Model, signal: AbortSignal): Promise<InputFile[]> {
  const sources = modelFiles(model);
  const own: InputFile[] = [...(await identify([path]))];
  for (const { name } of sources.slice(1)) own.push({ path: name, sha256: await hashFile(name, signal) });
  for (const source of sources) {
    source.assertUnchanged();
    if (!source.file(0, 0)) throw new UserError(source.name, 'the file was replaced while it was read; start again');
  }
  return own;
}

function regionFiles(request: MakingRequest): string[] {
  const choices: (RegionChoice | undefined)[] = [
    'regions' in request ? request.regions : undefined,
    request.reconstruction?.regions,
  ];
  return choices.flatMap((choice) => (typeof choice === 'object' && 'file' in choice ? [choice.file] : []));
}

/** A manifest of this program on this machine. */
export const manifestFor = (
  command: string,
  { provider, threads }: Engine,
  files: readonly InputFile[],
  options: Manifest['options'],
): Manifest => ({
  schemaVersion: 1,
  command,
  versions: versions(),
  platform: platform(),
  provider,
  threads,
  files,
  options,
});

/** @param options those of the command alone. */
export const manifestOf = (
  command: Manifest['command'],
  request: RunRequest,
  options: Readonly<Record<string, unknown>>,
  { files, data, engine }: { files: readonly InputFile[]; data: Data; engine: Engine },
): Manifest =>
  manifestFor(command, engine, files, {
    model: request.model,
    ...options,
    layers: request.layers,
    seed: request.seed,
    batch: request.engine.batch ?? null,
    activations: request.engine.activations ?? 'float32',
    calibration: data.calibration?.provenance.description ?? request.calibration ?? null,
  });

export const pruneOptions = ({
  method,
  methodOptions,
  pattern,
  group,
  allocation,
  selection,
  permute,
  statisticsFrom,
  regions,
  reconstruction,
}: PruneRequest): Readonly<Record<string, unknown>> => ({
  method,
  methodOptions,
  pattern: patternOf(pattern).text,
  ...(group && { group }),
  allocation,
  selection,
  ...(permute && { permute }),
  statisticsFrom,
  regions,
  ...(reconstruction && { reconstruction }),
});
