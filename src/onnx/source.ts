/** Where the bytes of a model lie: in memory, or in a file that is read by range and never as a whole. */
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { FileRange } from '../tensor/tensor.js';

export interface ByteSource {
  /** What errors call it. */
  readonly name: string;
  readonly size: number;
  /** A view of at least one and up to `length` bytes from `offset` on (fewer at the end): valid until the next call. */
  peek(offset: number, length: number): Uint8Array;
  /** Exactly these bytes; a fresh array unless the source is in memory. */
  read(offset: number, length: number): Uint8Array;
  /** Fills `target`; for streaming without an array per chunk. */
  readInto(target: Uint8Array, offset: number): void;
  /** The range as others can open it; undefined in memory, or when the path now names another file. */
  file(offset: number, length: number): FileRange | undefined;
  /** Throws a UserError when the file was written to since it was opened. */
  assertUnchanged(): void;
  readonly path?: string;
}

export function memorySource(data: Uint8Array, name = 'model'): ByteSource {
  // a Buffer's slice() does not copy: a plain array means the same to every reader
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return {
    name,
    size: bytes.length,
    peek: (offset, length) => bytes.subarray(offset, offset + length),
    read: (offset, length) => bytes.subarray(offset, offset + length),
    readInto: (target, offset) => target.set(bytes.subarray(offset, offset + target.length)),
    file: () => undefined,
    assertUnchanged: () => {},
  };
}

// a window holds many small records, yet a walk that skips payloads of megabytes reads little in between
const windowBytes = 64 * 1024;

// descriptors stay open as long as the model is referenced, so that a file replaced by a rename remains readable
const closing = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** @throws UserError when the file is missing or not a regular file. */
export function fileSource(name: string): ByteSource {
  const { descriptor, stats } = open(name);
  // errors use the user's words, others open the file from wherever they run
  const path = resolve(name);
  // hundreds of small models may be open at once: they need no descriptor
  if (stats.size > windowBytes) return new FileSource(name, path, descriptor, stats);
  try {
    const bytes = new Uint8Array(stats.size);
    fill(descriptor, bytes, 0, name);
    return { ...memorySource(bytes, name), path, file: (offset, length) => fileRange(path, stats, offset, length) };
  } finally {
    closeSync(descriptor);
  }
}

class FileSource implements ByteSource {
  readonly size: number;
  readonly #window = new Uint8Array(windowBytes);
  #windowStart = 0;
  #windowEnd = 0;

  constructor(
    readonly name: string,
    readonly path: string,
    private readonly descriptor: number,
    private readonly stats: Stats,
  ) {
    this.size = stats.size;
    closing.register(this, descriptor);
  }

  peek(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (offset < this.#windowStart || end > this.#windowEnd) {
      const bytes = Math.min(windowBytes, this.size - offset);
      fill(this.descriptor, this.#window.subarray(0, bytes), offset, this.name);
      this.#windowStart = offset;
      this.#windowEnd = offset + bytes;
    }
    return this.#window.subarray(offset - this.#windowStart, Math.min(end, this.#windowEnd) - this.#windowStart);
  }

  read(offset: number, length: number): Uint8Array {
    if (length < windowBytes / 4) return this.peek(offset, length).slice();
    const bytes = new Uint8Array(length);
    this.readInto(bytes, offset);
    return bytes;
  }

  readInto(target: Uint8Array, offset: number): void {
    fill(this.descriptor, target, offset, this.name);
  }

  file(offset: number, length: number): FileRange | undefined {
    return fileRange(this.path, this.stats, offset, length);
  }

  assertUnchanged(): void {
    if (!sameContent(fstatSync(this.descriptor), this.stats)) {
      throw new UserError(this.name, 'the file was written to since it was loaded; load it again');
    }
  }
}

function open(path: string): { descriptor: number; stats: Stats } {
  let descriptor: number | undefined;
  try {
    // looked at before opening: opening a pipe would wait for a writer
    const kind = statSync(path);
    if (!kind.isFile())
      throw new UserError(path, `expected a file, got a ${kind.isDirectory() ? 'folder' : 'device'}; name a file`);
    descriptor = openSync(path, 'r');
    return { descriptor, stats: fstatSync(descriptor) };
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    if (error instanceof UserError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UserError(
      path,
      missing
        ? 'no such file; check the path'
        : `cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}); check its permissions`,
      {
        cause: error,
      },
    );
  }
}

function fill(descriptor: number, target: Uint8Array, offset: number, path: string): void {
  for (let done = 0; done < target.length; ) {
    const count = readSync(descriptor, target, done, target.length - done, offset + done);
    if (count === 0)
      throw new UserError(path, `expected bytes at ${offset + done}, got the end; the file was cut short`);
    done += count;
  }
}

function fileRange(path: string, stats: Stats, offset: number, length: number): FileRange | undefined {
  const now = statSync(path, { throwIfNoEntry: false });
  return now && now.ino === stats.ino && now.dev === stats.dev && sameContent(now, stats)
    ? { path, offset, length }
    : undefined;
}

const sameContent = (a: Stats, b: Stats): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs;
