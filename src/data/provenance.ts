/** Identifies files by content, so that a report says which data it was made with. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Provenance } from './samples.js';

/** Path (relative to the working folder where it is inside), SHA-256 and size of each file, read as streams. */
export async function identify(paths: readonly string[]): Promise<Provenance['files']> {
  const files: { path: string; sha256: string; bytes: number }[] = [];
  for (const path of paths) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    files.push({ path: shown(path), sha256: hash.digest('hex'), bytes });
  }
  return files;
}

function shown(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  return inside.startsWith('..') ? path : inside;
}
