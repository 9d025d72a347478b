/** Where a run of attacks writes, looked at before anything is computed. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AttackName } from '../../attack/index.js';
import type { FolderOutput } from '../folder-output.js';
import { checkFiles } from '../making/check-outputs.js';
import { ownFiles } from '../making/publish.js';
import type { AttackRequest } from './request.js';

/** @throws UserError when a file is there already, or is one that the run reads. */
export const checkOutputs = (
  { folder, run, force }: FolderOutput,
  { attacks }: Pick<AttackRequest, 'attacks'>,
  inputs: readonly { readonly path: string }[],
): Promise<void> => {
  const names = attacks.map(({ name }) => name);
  return checkFiles({
    outputs: [...filesIn(folder, names), ...names.flatMap((name) => picturesThere(folder, name))],
    inputs: inputs.map(({ path }) => path),
    force,
    own: ownFiles(run),
  });
};

/** Pictures apart, whose names hang on what is found. */
export const filesIn = (folder: string, attacks: readonly AttackName[]): string[] => [
  ...attacks.map((name) => arraysFile(folder, name)),
  ...['report.json', 'report.html'].map((name) => join(folder, name)),
];

export const arraysFile = (folder: string, attack: AttackName): string => join(folder, `${attack}.npz`);

export const picturesFolder = (folder: string, attack: AttackName): string => join(folder, 'pictures', attack);

function picturesThere(folder: string, attack: AttackName): string[] {
  const pictures = picturesFolder(folder, attack);
  return existsSync(pictures) ? readdirSync(pictures).map((name) => join(pictures, name)) : [];
}
