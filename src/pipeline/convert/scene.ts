/** What a conversion stands on: the model, its working copy, data, and where the result goes. */
import { dirname, join } from 'node:path';
import { targetNamed } from '../../convert/index.js';
import { loadWeights } from '../../convert/stored-weights.js';
import type { Samples } from '../../data/index.js';
import { findTokenizer } from '../../data/tokenizer.js';
import { UserError } from '../../errors.js';
import { checkFolder } from '../../files/folder.js';
import type { Graph, Model } from '../../ir/types.js';
import { modelFiles } from '../../onnx/model-files.js';
import { normalize } from '../../onnx/normalize.js';
import { widen } from '../../onnx/widen.js';
import { type OptionSpecs, type OptionValues, settle } from '../../settings/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import { checkFiles } from '../making/check-outputs.js';
import { openCalibration, openData } from '../open-data.js';
import { openModel } from '../open-model.js';
import { flatCopy, workingCopy } from '../working-copy.js';
import { type KeptTokens, keptTokens } from './kept-tokens.js';
import { reportFiles } from './places.js';
import type { ConvertInputs, ConvertRequest, FormRequest } from './request.js';

/** What is read, whatever is made of it. */
export interface Stand {
  readonly model: Model;
  /** In float32 and opset 21; made once. */
  copy(): Graph;
  readonly calibration: Samples | undefined;
  readonly evaluation: Samples | undefined;
  readonly weights: ReadonlyMap<string, Tensor> | undefined;
}

export interface ConvertScene extends Stand {
  readonly settings: OptionValues<OptionSpecs>;
  readonly tokens: KeptTokens | undefined;
}

/** @throws UserError for what cannot be had or done, before anything is converted. */
export async function openScene(request: ConvertRequest): Promise<ConvertScene> {
  const target = targetNamed(request.target);
  settle(target, request.given);
  const { output, calibration } = request;
  if (output) {
    checkFolder(dirname(output.file));
    checkFolder(output.report);
  }
  const model = openModel(request.model);
  if (output)
    await checkFiles({
      outputs: [output.file, ...reportFiles(output)],
      inputs: inputFiles(model, request),
      force: output.force,
    });
  if (target.needsData && !calibration)
    throw new UserError(
      'convert',
      `--to ${target.name} expected calibration data, got none; name it with --calibration`,
    );
  return sceneOf(await openStand(model, request), request, request);
}

/** @throws UserError for data and weights that cannot be had. */
export async function openStand(
  model: Model,
  { model: path, calibration, evaluation, weights }: ConvertInputs,
): Promise<Stand> {
  let copied: Graph | undefined;
  const copy = (): Graph => (copied ??= widen(normalize(flatCopy(model.graph))).graph);
  return {
    model,
    copy,
    calibration: calibration && (await openCalibration(copy(), path, calibration)),
    evaluation: evaluation && (await openData(workingCopy(model.graph), path, evaluation)),
    weights: weights === undefined ? undefined : loadWeights(weights),
  };
}

/** The same for one form. @throws UserError for settings that it does not have, and for tokens that cannot be had. */
export async function sceneOf(
  stand: Stand,
  inputs: ConvertInputs,
  { target: name, given }: FormRequest,
): Promise<ConvertScene> {
  const target = targetNamed(name);
  return {
    ...stand,
    settings: settle(target, given),
    tokens: target.takesTokens ? await keptTokens(name, inputs, () => workingCopy(stand.model.graph)) : undefined,
  };
}

/** Everything that is read, and never written over. */
export const inputFiles = (
  model: Model,
  { model: path, weights, tokens, tokensFrom, calibration, evaluation }: ConvertInputs,
): string[] => [
  path,
  ...modelFiles(model).map(({ name }) => name),
  ...(weights === undefined ? [] : [weights]),
  ...(tokens !== undefined || tokensFrom ? tokenizerFiles(path) : []),
  ...(tokens === undefined ? [] : [tokens]),
  ...(tokensFrom?.files ?? []),
  ...(calibration?.files ?? []),
  ...(evaluation?.files ?? []),
];

/** The tokenizer beside a model, with its settings. */
function tokenizerFiles(model: string): string[] {
  const tokenizer = findTokenizer(model);
  return tokenizer === undefined ? [] : [tokenizer, join(dirname(tokenizer), 'tokenizer_config.json')];
}
