/** Files that hold many payloads each: to remove one that has reached the disk takes a millisecond or two, however small it is. */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAll } from '../files/whole-file.js';
import { filePayload } from './file-payload.js';
import type { Payload } from './tensor.js';

/** No more is put behind this many bytes: room is given back in such pieces. */
const fullBytes = 2 ** 24;

interface RowFile {
  readonly path: string;
  bytes: number;
  /** Payloads that are not dropped yet. */
  left: number;
}

export class RowFiles {
  readonly #folder: string;
  /** By row, the file that the next payload goes to. */
  readonly #open = new Map<unknown, RowFile>();
  #made = 0;

  /** @param folder made when the first file is. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param row payloads that are dropped in the order in which they come: they share files, each removed with the last in it. */
  put(payload: Payload, row: unknown): { readonly payload: Payload; drop(): void } {
    const file = this.#fileFor(row);
    const offset = file.bytes;
    const descriptor = openSync(file.path, offset === 0 ? 'w' : 'r+');
    try {
      writeAll(descriptor, payload.read(), offset);
    } finally {
      closeSync(descriptor);
    }
    file.bytes += payload.byteLength;
    file.left++;
    if (file.bytes >= fullBytes) this.#open.delete(row);
    return {
      payload: filePayload(file.path, offset, payload.byteLength),
      drop: () => {
        if (--file.left > 0) return;
        if (this.#open.get(row) === file) this.#open.delete(row);
        rmSync(file.path, { force: true });
      },
    };
  }

  #fileFor(row: unknown): RowFile {
    const open = this.#open.get(row);
    if (open) return open;
    mkdirSync(this.#folder, { recursive: true });
    const file = { path: join(this.#folder, `${this.#made++}.bin`), bytes: 0, left: 0 };
    this.#open.set(row, file);
    return file;
  }
}
