/** Finds the files that paths, globs and packages name. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { UserError } from '../errors.js';

/** Folders deeper than this below a glob's fixed part are not searched. */
const deepest = 32;

/**
 * The files of each pattern, taken literally where such a file exists and as a glob otherwise; those of a glob in the order of
 * their names' code units.
 * @param folder what relative patterns start from.
 * @throws UserError naming the pattern that matches no file.
 */
export function expandFiles(patterns: readonly string[], folder: string): string[] {
  return [...new Set(patterns.flatMap((pattern) => expand(pattern, folder)))];
}

function expand(pattern: string, folder: string): string[] {
  const literal = resolve(folder, pattern);
  const stats = statSync(literal, { throwIfNoEntry: false });
  if (stats?.isFile()) return [literal];
  if (stats)
    throw new UserError(pattern, `expected a file, got a folder; name its files, such as '${join(pattern, '*.txt')}'`);
  const { isGlob, base, glob } = picomatch.scan(pattern);
  if (!isGlob) throw new UserError(pattern, 'no such file');
  const root = resolve(folder, base);
  const matches = picomatch(glob);
  const found = existsSync(root)
    ? [...walk(root)].filter((path) => matches(relative(root, path).split(sep).join('/')))
    : [];
  if (found.length === 0) throw new UserError(pattern, 'the pattern matches no file');
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function* walk(folder: string, depth = 0): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < deepest) yield* walk(path, depth + 1);
    // a link counts when it leads to a file; links to folders are not followed
    else if (entry.isFile() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile()))
      yield path;
  }
}

/**
 * The folder of an installed package, found as an import in `from` would find it.
 * @throws UserError that says how to install it.
 */
export function packageFolder(name: string, from: string): string {
  if (!/^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/.test(name)) {
    throw new UserError(from, `expected the name of an npm package, got '${name}'`);
  }
  const places = createRequire(from).resolve.paths(name) ?? [];
  const folder = places.map((place) => join(place, name)).find((place) => existsSync(place));
  if (!folder) throw new UserError(from, `the package '${name}' is not installed; run npm install ${name}`);
  return folder;
}
