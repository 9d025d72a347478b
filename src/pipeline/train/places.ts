/** Where a run of training writes. */
import { join } from 'node:path';
import type { FolderOutput } from '../folder-output.js';
import { checkFiles } from '../making/check-outputs.js';
import { ownFiles } from '../making/publish.js';
import type { TrainRequest } from './request.js';

/** @throws UserError when a file is there already, or is one that the run reads. */
export const checkOutputs = (
  output: FolderOutput,
  request: TrainRequest,
  inputs: readonly { readonly path: string }[],
): Promise<void> =>
  checkFiles({
    outputs: filesIn(output.folder, request),
    inputs: inputs.map(({ path }) => path),
    force: output.force,
    own: ownFiles(output.run),
  });

export const filesIn = (folder: string, request: TrainRequest): string[] => [
  ...['report.json', 'report.html', modelFile].map((name) => join(folder, name)),
  ...(request.savesAll ? cellsOf(request).map(({ budget, seed }) => cellFile(folder, budget, seed)) : []),
];

/** The best of all. */
export const modelFile = 'model.onnx';

export const cellFile = (folder: string, budget: number | 'all', seed: number): string =>
  join(folder, 'models', `labels-${budget}-seed-${seed}.onnx`);

/** In the order in which they are trained. */
export const cellsOf = ({ draws: { budgets, seeds } }: Pick<TrainRequest, 'draws'>) =>
  budgets.flatMap((budget) => seeds.map((seed) => ({ budget, seed })));
