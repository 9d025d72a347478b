/** What kind of data some files are: told by the user, by a descriptor, or by their names. */
import { readFileSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { type Descriptor, isDescriptor, loadDescriptor } from './descriptor.js';
import { expandFiles } from './files.js';
import { isInFolder, type Kind, kindOf, readerOf } from './kinds.js';

/** Paths, globs or folders of data files, or the path of one descriptor (.yaml, .yml, .json). */
export type DataSource = readonly string[];

/** Files of one kind. */
export interface Part {
  readonly kind: Kind;
  readonly files: readonly string[];
}

export interface ResolvedSource {
  /** `arrays` of plain files turn out to be tokens when a language model takes them; the first part's kind when there are several. */
  readonly kind: Kind;
  readonly files: readonly string[];
  /** By kind; records of several kinds belong together row by row. */
  readonly parts: readonly Part[];
  readonly descriptor?: Descriptor;
  /** The descriptor's path, for the list of files read. */
  readonly ownFiles: readonly string[];
  /** The folder that was given, where one was and nothing else. */
  readonly folder?: string;
  /** Starts errors about the data as a whole. */
  readonly where: string;
}

/**
 * @param kind what the files hold, where their names do not say it.
 * @throws UserError naming the file that does not exist, is of no known kind, or does not go with the others.
 */
export function resolveSource(source: DataSource, kind?: Kind): ResolvedSource {
  const [first] = source;
  if (first === undefined) throw new UserError('data', 'expected at least one file, got none; name some with --data');
  const files = expandFiles(source, process.cwd(), (path) => isInFolder(path, kind));
  const where = source.length === 1 ? first : 'data';
  const descriptors = files.filter(holdsDescriptor);
  if (descriptors.length > 0) {
    if (files.length > 1) throw new UserError(descriptors[0]!, 'a descriptor stands alone; give it or files, not both');
    return described(loadDescriptor(source.length === 1 && resolve(first) === files[0] ? first : files[0]!), where);
  }
  const parts = partsOf(files, kind, where);
  const isFolder = source.length === 1 && statSync(first, { throwIfNoEntry: false })?.isDirectory();
  return { kind: parts[0]!.kind, files, parts, ownFiles: [], where, ...(isFolder && { folder: resolve(first) }) };
}

function described(descriptor: Descriptor, where: string): ResolvedSource {
  const { files, path, kind, folder } = descriptor;
  const parts = partsOf(files, kind === 'mixed' ? undefined : kind, where);
  return { kind: parts[0]!.kind, files, parts, descriptor, ownFiles: [path], where, ...(folder && { folder }) };
}

/** Text and token ids stand alone; arrays and records may lie beside one another. */
function partsOf(files: readonly string[], kind: Kind | undefined, where: string): readonly Part[] {
  if (kind) return [{ kind, files }];
  const byKind = new Map<Kind, string[]>();
  for (const path of files) {
    const found = kindOf(path);
    byKind.set(found, [...(byKind.get(found) ?? []), path]);
  }
  const parts = [...byKind].map(([each, paths]) => ({ kind: each, files: paths }));
  if (parts.length > 1 && parts.some((part) => part.kind !== 'arrays' && !readerOf(part.kind))) {
    const [one, ...others] = parts.map((part) => part.kind);
    throw new UserError(
      where,
      `expected files of one kind, got ${one} and ${others.join(' and ')}; give one kind at a time, or say which with --kind`,
    );
  }
  return parts;
}

function holdsDescriptor(path: string): boolean {
  const extension = extname(path).toLowerCase();
  if (extension === '.yaml' || extension === '.yml') return true;
  if (extension !== '.json') return false;
  const text = readFileSync(path, 'utf8');
  if (!text.trimStart().startsWith('{')) return false;
  try {
    return isDescriptor(JSON.parse(text));
  } catch {
    // reading it as data says what is wrong with it
    return false;
  }
}
