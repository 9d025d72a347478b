/** Where a shrinking writes and what it reads. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkSpace } from '../../files/space.js';
import { removeLeftovers } from '../../files/temporary.js';
import type { Model } from '../../ir/types.js';
import { modelFiles } from '../../onnx/model-files.js';
import { savedFiles } from '../../onnx/save.js';
import type { InputFile } from '../../run/input-files.js';
import { checkFiles, reportFiles } from '../making/check-outputs.js';
import { modelInputs } from '../making/manifest.js';
import { ownFiles } from '../making/publish.js';
import type { Data } from '../making/results.js';
import type { OutputRequest } from '../prune/request.js';
import { isSelf } from '../self-calibration.js';
import type { ShrinkRequest } from './request.js';

/** A page with its charts, the document and the facts of a run. */
const besidesBytes = 5e6;

/** @throws UserError when a place is taken, or there is no room. */
export async function checkShrinkOutputs(model: Model, request: ShrinkRequest, output: OutputRequest): Promise<void> {
  const { calibration, evaluation } = request;
  const files = savedFiles(model, output.model);
  const outputs = [...files.map(({ path }) => path), ...reportFiles(output)];
  const inputs = [
    ...modelFiles(model).map(({ name }) => name),
    ...(calibration && !isSelf(calibration) ? calibration.files : []),
    ...(evaluation?.files ?? []),
  ];
  await checkFiles({ outputs, inputs, force: output.force, own: ownFiles(output.run) });
  for (const folder of new Set(outputs.map((path) => dirname(path)))) removeLeftovers(folder);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const steps = request.reconstruction ? 2 : 1;
  checkSpace([
    { path: output.model, bytes },
    { path: output.run, bytes: existsSync(output.run) ? 0 : steps * bytes + besidesBytes },
  ]);
}

/** By content: the model with its data, calibration and evaluation data. */
export async function inputsOf(
  model: Model,
  request: ShrinkRequest,
  { calibration, evaluation }: Data,
  signal: AbortSignal,
): Promise<InputFile[]> {
  const read = [...(calibration?.provenance.files ?? []), ...(evaluation?.provenance.files ?? [])];
  return [...(await modelInputs(request.model, model, signal)), ...read.map(({ path, sha256 }) => ({ path, sha256 }))];
}
