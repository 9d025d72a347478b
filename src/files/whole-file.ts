/** Files that are there whole or not at all: written beside their name, brought to the disk, then renamed. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { heed } from '../heed.js';
import { writeError } from './system-error.js';
import { temporaryBeside } from './temporary.js';

/**
 * Writes `chunks` as the file at `path`, replacing what is there. A chunk may be used again once the next one is asked for.
 * @throws UserError when the system refuses; then `path` is as it was.
 */
export async function writeWhole(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeNew(temporary, chunks);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(path, error);
  }
}

/** As `writeWhole`, for something small that is in memory. */
export function writeWholeSync(path: string, content: Uint8Array | string): void {
  const temporary = temporaryBeside(path);
  try {
    const descriptor = openSync(temporary, 'wx');
    try {
      writeAll(descriptor, typeof content === 'string' ? Buffer.from(content) : content);
      forgiveUnsupported(() => fsyncSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(path, error);
  }
}

/** A new file of these bytes, on the disk when the promise settles; between two chunks signals and progress are served. */
export async function writeNew(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const chunk of chunks) {
      writeAll(file.fd, chunk);
      await heed();
    }
    await syncFile(file);
  } finally {
    await file.close();
  }
}

/** Synchronous: half the time of a round through the thread pool on a busy machine. */
export function writeAll(descriptor: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position === undefined ? null : position + at);
  }
}

/** Brings a file to the disk. */
export async function syncFile(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

/** Brings the names in a folder to the disk: a rename may otherwise be lost with the power. */
export function syncFolder(folder: string): void {
  // Windows opens no folders, and needs no such thing
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    forgiveUnsupported(() => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function forgiveUnsupported(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

/** Some file systems have no way to be told, or do not say. */
const isUnsupported = (error: unknown): boolean =>
  ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '');
