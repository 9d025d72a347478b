/** Folders for output: whether one can be had, and having it. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { writeError } from './system-error.js';

/**
 * Makes nothing, only looks: a long command asks before its work.
 * @throws UserError unless `folder` is a folder that can be written to, or can be made.
 */
export function checkFolder(folder: string): void {
  const place = nearestThatExists(resolve(folder));
  if (!statSync(place).isDirectory()) {
    throw new UserError(folder, `expected a folder, got the file '${place}'; choose another place`);
  }
  try {
    accessSync(place, constants.W_OK);
  } catch (cause) {
    throw new UserError(
      folder,
      `expected a folder that can be written to, got no permission for '${place}'; change it, or choose another place`,
      { cause },
    );
  }
}

/**
 * Makes `folder` and what is missing above it; one that is there stays as it is.
 * @throws UserError naming what is in the way.
 */
export function makeFolder(folder: string): void {
  checkFolder(folder);
  // one by one: Node's own recursion never ends where the system refuses without saying why, as in /proc
  for (const missing of missingFolders(resolve(folder))) {
    try {
      mkdirSync(missing);
    } catch (cause) {
      // another process may have made it meanwhile
      if (statSync(missing, { throwIfNoEntry: false })?.isDirectory()) continue;
      throw writeError(folder, cause);
    }
  }
}

/** Outermost first. */
function missingFolders(path: string): string[] {
  const place = nearestThatExists(path);
  const missing: string[] = [];
  for (let each = path; each !== place; each = dirname(each)) missing.unshift(each);
  return missing;
}

/** The path itself, or the first folder above it that is there. */
export const nearestThatExists = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestThatExists(dirname(path));
