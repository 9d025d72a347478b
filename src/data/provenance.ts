/** Identifies files by content, so that a report says which data it was made with. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { Provenance } from './samples.js';

/** More files than this are told as one: a report should not list every picture of a data set. */
const mostListed = 1000;

/**
 * Path (relative to the working folder where it is inside), SHA-256 and size of each file, read as streams. Many files are one entry:
 * the digest of lines of `SHA-256  path`, as `sha256sum` prints them.
 */
export async function identify(paths: readonly string[]): Promise<Provenance['files']> {
  const files: { path: string; sha256: string; bytes: number }[] = [];
  for (const path of paths) files.push({ path: shown(path), ...(await digestOf(path)) });
  if (files.length <= mostListed) return files;
  const lines = files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join('');
  return [
    {
      path: `${files.length} files, ${files[0]!.path} to ${files.at(-1)!.path}`,
      sha256: createHash('sha256').update(lines).digest('hex'),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  ];
}

async function digestOf(path: string): Promise<{ sha256: string; bytes: number }> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UserError(path, 'no such file; check the path');
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

function shown(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  return inside.startsWith('..') ? path : inside;
}
