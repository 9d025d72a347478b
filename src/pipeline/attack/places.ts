/** Where an attack run writes, looked at before anything is computed. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { AttackName } from '../../attack/index.js';
import { UserError } from '../../errors.js';
import { checkFolder } from '../../files/folder.js';
import type { AttackOutput } from './request.js';

/** @throws UserError when a place cannot be had, or holds something that is not to be replaced. */
export function checkPlaces({ folder, run, force }: AttackOutput, attacks: readonly AttackName[]): void {
  if (resolve(folder) === resolve(run))
    throw new UserError('attack', `--run expected another place than --output, got '${run}'; change one`);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory())
    throw new UserError(folder, 'expected a folder for --output, got a file; name another');
  for (const each of [folder, run, dirname(resolve(folder))]) checkFolder(each);
  const taken = filesIn(folder, attacks).find((path) => existsSync(path));
  if (taken !== undefined && !force)
    throw new UserError(taken, 'already exists; add --force to replace it, or choose another --output');
}

/** Pictures apart, whose names hang on what is found. */
export const filesIn = (folder: string, attacks: readonly AttackName[]): string[] => [
  ...attacks.map((name) => arraysFile(folder, name)),
  ...['report.json', 'report.html'].map((name) => join(folder, name)),
];

export const arraysFile = (folder: string, attack: AttackName): string => join(folder, `${attack}.npz`);

export const picturesFolder = (folder: string, attack: AttackName): string => join(folder, 'pictures', attack);
