/** Pictures in JPEG and PNG files; their classes by folder, or by a file of labels. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../../errors.js';
import type { Label, Picture, Reader, ReaderOptions } from '../reader.js';
import { type JpegDecoder, jpegDecoder } from './jpeg.js';
import { labelsOfFiles } from './label-file.js';
import { type PngDecoder, pngDecoder } from './png.js';

export const images: Reader = {
  suffixes: ['.jpg', '.jpeg', '.png'],
  read: async (files, options) => {
    const formats = files.map(formatOf);
    const decoders: Decoders = {
      ...(formats.includes('jpeg') && { jpeg: await jpegDecoder() }),
      ...(formats.includes('png') && { png: await pngDecoder() }),
    };
    const picture = (row: number): Picture => {
      const path = files[row]!;
      return decoders[formats[row]!]!(contentOf(path), path);
    };
    const root = options.folder ?? commonFolder(files);
    return {
      count: files.length,
      columns: new Map([['image', { picture }]]),
      ...(await labelled(files, root, options)),
      filesOf: (rows) => Array.from(rows, (row) => files[row]!),
      description: `${files.length} JPEG and PNG pictures`,
    };
  },
};

interface Decoders {
  readonly jpeg?: JpegDecoder;
  readonly png?: PngDecoder;
}

/** How files of each format begin. */
const beginnings: Readonly<Record<keyof Decoders, readonly number[]>> = {
  jpeg: [0xff, 0xd8],
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
};

/** What a file is by its first bytes, whatever its name. @throws UserError when it cannot be read or is something else. */
function formatOf(path: string): keyof Decoders {
  const start = new Uint8Array(8);
  const length = reading(path, () => {
    const file = openSync(path, 'r');
    try {
      return readSync(file, start);
    } finally {
      closeSync(file);
    }
  });
  const found = (Object.keys(beginnings) as (keyof Decoders)[]).find((format) =>
    beginnings[format].every((byte, i) => start[i] === byte),
  );
  if (found) return found;
  throw new UserError(
    path,
    `expected a JPEG or PNG file, got ${length === 0 ? 'an empty one' : 'other content'}; convert it or leave it out`,
  );
}

const contentOf = (path: string): Uint8Array => reading(path, () => readFileSync(path));

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UserError(path, `expected a file to read, got ${(cause as NodeJS.ErrnoException).code}; check it`, {
      cause,
    });
  }
}

interface Labelled {
  readonly labels?: readonly Label[];
  readonly classes?: readonly Label[];
  readonly alsoRead?: readonly string[];
}

/** By the file given, by sub-folders, or by a file of labels in the folder. */
async function labelled(
  files: readonly string[],
  root: string,
  { labels: given, label }: ReaderOptions,
): Promise<Labelled> {
  const names = files.map((path) => relative(root, path).split(sep).join('/'));
  const folders = names.map((name) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : undefined));
  const isByFolder = folders.every((folder) => folder !== undefined);
  const path = given ?? (isByFolder ? undefined : besides(root));
  if (path !== undefined) return { ...(await labelsOfFiles(path, names, label)), alsoRead: [path] };
  return isByFolder ? { labels: folders as string[] } : {};
}

const besides = (root: string): string | undefined =>
  ['labels.json', 'labels.csv', 'labels.tsv', 'labels.txt']
    .map((name) => join(root, name))
    .find((path) => existsSync(path));

/** The deepest folder that holds all files. */
function commonFolder(files: readonly string[]): string {
  const paths = files.map((path) => resolve(path));
  let folder = dirname(paths[0]!);
  for (const path of paths) while (!path.startsWith(folder === sep ? sep : folder + sep)) folder = dirname(folder);
  return folder;
}
