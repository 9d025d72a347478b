/** Looks at where a run will write before anything is computed: a mistake there must not cost the run. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { checkFolder } from '../run/folder.js';
import type { OutputRequest } from './prune-request.js';

/** @throws UserError when a place is taken, is not what it must be, or cannot be written to. */
export function checkOutputs({ model, report, run, force }: OutputRequest): void {
  checkDistinct([
    ['--output', model],
    ['--report', report],
    ['--run', run],
  ]);
  for (const folder of [dirname(model), report, run]) checkFolder(folder);
  const files = [model, join(report, 'report.json'), join(report, 'report.html')];
  for (const path of files) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new UserError(path, `expected the name of a file, got a folder; name a file in it, or another`);
    }
    if (force || !existsSync(path)) continue;
    throw new UserError(path, 'already exists; add --force to replace it, or choose another --output');
  }
}

function checkDistinct(places: readonly (readonly [option: string, path: string])[]): void {
  for (const [i, [option, path]] of places.entries()) {
    const same = places.slice(0, i).find(([, other]) => resolve(other) === resolve(path));
    if (same)
      throw new UserError('prune', `${option} expected another place than ${same[0]}, got '${path}'; change one`);
  }
}
