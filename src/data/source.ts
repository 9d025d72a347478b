/** What kind of data some files are: told by a descriptor, or by their extensions. */
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { type Descriptor, type DescriptorKind, isDescriptor, loadDescriptor } from './descriptor.js';
import { expandFiles } from './files.js';

/** Paths or globs of data files, or the path of one descriptor (.yaml, .yml, .json). */
export type DataSource = readonly string[];

export interface ResolvedSource {
  /** `arrays` of plain files turn out to be tokens when a language model takes them. */
  readonly kind: DescriptorKind;
  readonly files: readonly string[];
  readonly descriptor?: Descriptor;
  /** Starts errors about the data as a whole. */
  readonly where: string;
}

const kinds: Readonly<Record<string, DescriptorKind>> = {
  '.txt': 'text',
  '.text': 'text',
  '.md': 'text',
  '.jsonl': 'text',
  '.ndjson': 'text',
  '.json': 'text',
  '.npy': 'arrays',
  '.npz': 'arrays',
};

/** @throws UserError naming the file that does not exist, is of no known kind, or of another kind than the others. */
export function resolveSource(source: DataSource): ResolvedSource {
  const [first] = source;
  if (first === undefined) throw new UserError('data', 'expected at least one file, got none');
  const files = expandFiles(source, process.cwd());
  const where = source.length === 1 ? first : 'data';
  const descriptors = files.filter(holdsDescriptor);
  if (descriptors.length > 0) {
    if (files.length > 1)
      throw new UserError(descriptors[0] as string, 'a descriptor stands alone; give it or files, not both');
    const descriptor = loadDescriptor(
      source.length === 1 && resolve(first) === files[0] ? first : (files[0] as string),
    );
    return { kind: descriptor.kind, files: descriptor.files, descriptor, where };
  }
  const [kind, ...others] = new Set(files.map((path) => kindOf(path)));
  if (others.length > 0)
    throw new UserError(where, `expected files of one kind, got ${kind} and ${others.join(' and ')}`);
  return { kind: kind as DescriptorKind, files, where };
}

function kindOf(path: string): DescriptorKind {
  const kind = kinds[extname(path).toLowerCase()];
  if (!kind) {
    throw new UserError(
      path,
      `expected one of ${Object.keys(kinds).join(', ')} or a descriptor (.yaml), got '${extname(path)}'`,
    );
  }
  return kind;
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
