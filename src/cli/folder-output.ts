/** Options of commands that answer with a folder. */
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { FolderOutput } from '../pipeline/folder-output.js';
import { optional, toggle, type ValuesOf, word } from './values.js';

const group = { group: 'Output:' };

/** @param what the folder is of. */
export const folderOptions = (what: string) => ({
  output: optional(`folder of ${what}`, word, { ...group, alias: 'o' }),
  run: optional('working folder, kept when named; default: OUTPUT.run', word, group),
  force: toggle('overwrite what exists', group),
});

/** @throws UserError where no folder is named, unless nothing is to be written, or it is the model. */
export function folderOutput(
  command: string,
  { output: folder, run, force, dryRun }: ValuesOf<ReturnType<typeof folderOptions>> & { readonly dryRun: boolean },
  model: string | undefined,
): FolderOutput | undefined {
  if (folder === undefined) {
    if (dryRun) return undefined;
    throw new UserError(command, 'expected --output, got nothing; name a folder, or add --dry-run');
  }
  if (model !== undefined && resolve(folder) === resolve(model))
    throw new UserError(command, `--output expected a folder other than the model, got '${folder}'; name another`);
  return { folder, run: run ?? `${folder}.run`, keepRun: run !== undefined, force };
}
