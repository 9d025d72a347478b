/** Where a run of explanations writes. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExplainerName } from '../../counterfactual/index.js';
import type { FolderOutput } from '../folder-output.js';
import { checkFiles } from '../making/check-outputs.js';
import { ownFiles } from '../making/publish.js';
import type { ExplainRequest } from './request.js';

/** @throws UserError when a file is there already, or is one that the run reads. */
export const checkOutputs = (
  { folder, run, force }: FolderOutput,
  { methods }: Pick<ExplainRequest, 'methods'>,
  inputs: readonly { readonly path: string }[],
): Promise<void> => {
  const names = methods.map(({ name }) => name);
  return checkFiles({
    outputs: [...filesIn(folder, names), ...names.flatMap((name) => picturesThere(folder, name))],
    inputs: inputs.map(({ path }) => path),
    force,
    own: ownFiles(run),
  });
};

/** Of any run; tables are written of tables alone, and names of pictures hang on what is found. */
export const filesIn = (folder: string, methods: readonly ExplainerName[]): string[] => [
  ...['report.json', 'report.html', rowsFile, changesFile].map((name) => join(folder, name)),
  ...methods.map((name) => arraysFile(folder, name)),
];

export const rowsFile = 'counterfactuals.csv';
export const changesFile = 'changes.csv';

export const arraysFile = (folder: string, method: string): string => join(folder, `${method}.npz`);

export const picturesFolder = (folder: string, method: string): string => join(folder, 'pictures', method);

function picturesThere(folder: string, method: string): string[] {
  const pictures = picturesFolder(folder, method);
  return existsSync(pictures) ? readdirSync(pictures).map((name) => join(pictures, name)) : [];
}
