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
import type { ConvertRequest } from './request.js';

export interface ConvertScene {
  readonly model: Model;
  readonly settings: OptionValues<OptionSpecs>;
  /** In float32 and opset 21; made once. */
  copy(): Graph;
  readonly calibration: Samples | undefined;
  readonly evaluation: Samples | undefined;
  readonly weights: ReadonlyMap<string, Tensor> | undefined;
  readonly tokens: KeptTokens | undefined;
}

/** @throws UserError for what cannot be had or done, before anything is converted. */
export async function openScene(request: ConvertRequest): Promise<ConvertScene> {
  const target = targetNamed(request.target);
  const settings = settle(target, request.given);
  const { output } = request;
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
  let copied: Graph | undefined;
  const copy = (): Graph => (copied ??= widen(normalize(flatCopy(model.graph))).graph);
  const { calibration, evaluation } = request;
  if (target.needsData && !calibration)
    throw new UserError(
      'convert',
      `--to ${target.name} expected calibration data, got none; name it with --calibration`,
    );
  return {
    model,
    settings,
    copy,
    calibration: calibration && (await openCalibration(copy(), request.model, calibration)),
    evaluation: evaluation && (await openData(workingCopy(model.graph), request.model, evaluation)),
    weights: request.weights === undefined ? undefined : loadWeights(request.weights),
    tokens: target.takesTokens ? await keptTokens(request, () => workingCopy(model.graph)) : undefined,
  };
}

/** Everything that is read, and never written over. */
export const inputFiles = (
  model: Model,
  { model: path, target, weights, tokens, tokensFrom, calibration, evaluation }: ConvertRequest,
): string[] => [
  path,
  ...modelFiles(model).map(({ name }) => name),
  ...(weights === undefined ? [] : [weights]),
  ...(targetNamed(target).takesTokens ? tokenizerFiles(path) : []),
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
