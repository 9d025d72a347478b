/** Finds the files that paths, globs and packages name. */
import { existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { UserError } from '../errors.js';

/** Folders deeper than this below a glob's fixed part are not searched. */
const deepest = 32;

/**
 * The files of each pattern, taken literally where such a file exists and as a glob otherwise; those of a glob in the order of
 * their names' code units. A folder stands for the files below it that `isWanted`.
 * @param folder what relative patterns start from.
 * @throws UserError naming the pattern that matches no file.
 */
export function expandFiles(
  patterns: readonly string[],
  folder: string,
  isWanted: (path: string) => boolean = () => false,
): string[] {
  return [...new Set(patterns.flatMap((pattern) => expand(pattern, folder, isWanted)))];
}

function expand(pattern: string, folder: string, isWanted: (path: string) => boolean): string[] {
  const literal = resolve(folder, pattern);
  const stats = statsAt(literal, pattern);
  if (stats?.isFile()) return [literal];
  if (stats) return filesBelow(literal, pattern, isWanted);
  const { isGlob, base, glob } = picomatch.scan(pattern);
  if (!isGlob) throw new UserError(pattern, 'no such file; check the path');
  const root = resolve(folder, base);
  const matches = picomatch(glob);
  const found = existsSync(root)
    ? [...walk(root)].filter((path) => matches(relative(root, path).split(sep).join('/')))
    : [];
  if (found.length === 0) throw new UserError(pattern, 'the pattern matches no file; check it and the folder');
  return inOrder(found);
}

function filesBelow(folder: string, pattern: string, isWanted: (path: string) => boolean): string[] {
  const all = [...walk(folder)];
  const found = all.filter(isWanted);
  if (found.length > 0) return inOrder(found);
  const got = all.length === 0 ? 'an empty one; check the path' : `none; name other files, ${example(pattern, all)}`;
  throw new UserError(pattern, `expected a folder of pictures (.jpg, .jpeg, .png), got ${got}`);
}

/** Files of one kind, as what is there suggests: idx files are read one at a time, others together. */
function example(pattern: string, paths: readonly string[]): string {
  const names = inOrder(paths.map((path) => basename(path)));
  const pictures = names.find((name) => /idx3-ubyte(\.gz)?$/.test(name));
  if (pictures !== undefined) return `such as '${join(pattern, pictures)}'; its labels are found beside it`;
  const suffixes = names.map((name) => extname(name)).filter((suffix) => suffix !== '');
  const count = (suffix: string): number => suffixes.filter((each) => each === suffix).length;
  const [most = '.txt'] = [...suffixes].sort((a, b) => count(b) - count(a));
  return `such as '${join(pattern, `*${most}`)}'`;
}

const inOrder = (paths: string[]): string[] => paths.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function* walk(folder: string, depth = 0): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < deepest) yield* walk(path, depth + 1);
    // a link counts when it leads to a file; links to folders are not followed
    else if (entry.isFile() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile()))
      yield path;
  }
}

/** What lies there, if anything does. @throws UserError when the system takes no such name: one that is too long, or with a NUL. */
export function statsAt(path: string, where = path): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UserError(where, `cannot be looked up (${code}); check the path`, { cause });
  }
}

/**
 * The folder of an installed package, found as an import in the file `from` would find it.
 * @throws UserError that says how to install it.
 */
export function packageFolder(name: string, from: string): string {
  if (!/^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/.test(name)) {
    throw new UserError(from, `expected the name of an npm package, got '${name}'; spell it as npm does`);
  }
  const places = createRequire(resolve(from)).resolve.paths(name) ?? [];
  const folder = places.map((place) => join(place, name)).find((place) => existsSync(place));
  if (!folder) throw new UserError(from, `the package '${name}' is not installed; run npm install ${name}`);
  return folder;
}
