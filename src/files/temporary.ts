/** Names of files that are being written, and the removal of those whose writer was killed. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ownToken, stateOf, tokenPattern } from './owner.js';

/** A name beside `path` that nobody else uses; it tells who writes there. */
export const temporaryBeside = (path: string): string =>
  // a name has at most 255 bytes
  join(dirname(path), `.${basename(path).slice(0, 40)}.${ownToken()}.${serial++}${suffix}`);

export const isTemporary = (name: string): boolean => temporary.test(name);

/** Removes from `folder` what killed processes were writing there; what others are writing stays. */
export function removeLeftovers(folder: string): void {
  for (const name of namesIn(folder)) {
    const token = temporary.exec(name)?.[1];
    if (token === undefined || !isAbandoned(token, join(folder, name))) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // in a folder that users share it may be another's
    }
  }
}

const suffix = '.scalpel-tmp';
const temporary = new RegExp(`^\\..*\\.(${tokenPattern})\\.\\d+\\.scalpel-tmp$`);

/** What was made elsewhere and not touched for this long is nobody's. */
const HOUR = 3_600_000;

let serial = 0;

function isAbandoned(token: string, path: string): boolean {
  const state = stateOf(token);
  if (state !== 'elsewhere') return state === 'dead';
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - touched > HOUR;
}

/** A folder that is not there, or not to be read, has no leftovers. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
