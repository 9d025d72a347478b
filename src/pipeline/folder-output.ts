/** Commands that answer with a folder: where they write, looked at before anything is computed. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { checkFolder } from '../files/folder.js';

export interface FolderOutput {
  /** Of report, arrays, tables and pictures. */
  readonly folder: string;
  /** Working folder; kept after success only when `keepRun`. */
  readonly run: string;
  readonly keepRun: boolean;
  /** Overwrite files that exist. */
  readonly force: boolean;
}

/** @throws UserError when a folder cannot be had. */
export function checkPlaces(command: string, { folder, run }: FolderOutput): void {
  if (resolve(folder) === resolve(run))
    throw new UserError(command, `--run expected another place than --output, got '${run}'; change one`);
  // below a file there is nothing to look at: that is told with the folder
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UserError(folder, 'expected a folder for --output, got a file; name another');
  for (const each of [folder, run, dirname(resolve(folder))]) checkFolder(each);
}
