/** The kinds of data, by name and by the names of files. */
import { UserError } from '../errors.js';
import type { Reader } from './reader.js';
import { type ReaderName, readers } from './readers/index.js';

/** Text to be tokenised, token ids, arrays named after the model's inputs, or records that a reader knows. */
export type Kind = 'text' | 'tokens' | 'arrays' | ReaderName;

export const readerOf = (kind: Kind): Reader | undefined =>
  Object.hasOwn(readers, kind) ? readers[kind as ReaderName] : undefined;

export const kinds = ['text', 'tokens', 'arrays', ...(Object.keys(readers) as ReaderName[])] as const;

const suffixes: readonly (readonly [string, Kind])[] = [
  ...['.txt', '.text', '.md', '.jsonl', '.ndjson', '.json'].map((suffix) => [suffix, 'text'] as const),
  ...['.npy', '.npz'].map((suffix) => [suffix, 'arrays'] as const),
  ...(Object.entries(readers) as [ReaderName, Reader][]).flatMap(([kind, reader]) =>
    reader.suffixes.map((suffix) => [suffix, kind] as const),
  ),
];

/** @throws UserError when the end of the name is not known. */
export function kindOf(path: string): Kind {
  const name = path.toLowerCase();
  const found = suffixes.find(([suffix]) => name.endsWith(suffix));
  if (found) return found[1];
  const end = /(\.\w+)?\.?\w*$/.exec(name.slice(name.lastIndexOf('/') + 1))?.[0] ?? '';
  throw new UserError(
    path,
    `expected a name that ends in ${[...new Set(suffixes.map(([suffix]) => suffix))].join(', ')}, or a descriptor (.yaml), got '${end}'; convert it, or say what it is (--kind)`,
  );
}

/** Whether a folder of that kind of data contains the file; without a kind, folders are of pictures. */
export const isInFolder = (path: string, kind: Kind | undefined): boolean =>
  suffixes.some(([suffix, each]) => each === (kind ?? 'images') && path.toLowerCase().endsWith(suffix));
