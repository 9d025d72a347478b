/** Writes files as one step: each streamed to a temporary file beside its target, then all renamed. */
import { constants, writeSync } from 'node:fs';
import { chmod, copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../errors.js';
import type { Payload } from '../tensor/tensor.js';
import { isBytes, isSourcePart, type Part, partLength, type Rope } from './rope.js';

export interface Output {
  readonly path: string;
  readonly content: Rope;
}

/** Large enough that a disk is kept busy, small beside any model. */
const bufferBytes = 4 * 1024 * 1024;

/** @throws UserError when a file cannot be written; then nothing has changed and no temporary file stays. */
export async function replaceFiles(outputs: readonly Output[]): Promise<void> {
  const temporary = outputs.map(({ path }) => join(dirname(path), `.${basename(path)}.${process.pid}-${serial++}.tmp`));
  try {
    for (const [i, { path, content }] of outputs.entries()) {
      await asUserError(path, () => writeFile(temporary[i]!, content));
    }
    // data before the model that refers to it
    for (const i of [...outputs.keys()].reverse()) {
      await asUserError(outputs[i]!.path, () => rename(temporary[i]!, outputs[i]!.path));
    }
  } finally {
    await Promise.all(temporary.map((path) => rm(path, { force: true })));
  }
}

let serial = 0;

async function asUserError(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    const advice = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'free some space' : 'choose another place';
    throw new UserError(path, `cannot be written (${(cause as Error).message}); ${advice}`, { cause });
  }
}

async function writeFile(path: string, content: Rope): Promise<void> {
  const template = templateOf(content);
  if (template !== undefined) {
    // inside the system, which may even share the blocks of what is untouched
    await copyFile(template, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // the copy of a read-only file is its owner's to change
    await chmod(path, (await stat(path)).mode | 0o200);
  }
  const handle = await open(path, template === undefined ? 'wx' : 'r+');
  try {
    if (template === undefined) await stream(handle.fd, content);
    else overwrite(handle.fd, content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The path of the file that the content is a copy of, if it is. */
export const wholeFile = (content: Rope): string | undefined =>
  content.parts.length === 1 ? templateOf(content) : undefined;

/**
 * The path of a file of the same length that has most of the content's bytes, each at the place where it goes: an untouched
 * model, or one of which only some weights changed.
 */
function templateOf({ parts, length }: Rope): string | undefined {
  const source = parts.find(isSourcePart)?.source;
  if (source?.size !== length) return undefined;
  let at = 0;
  let kept = 0;
  for (const part of parts) {
    if (isSourcePart(part)) {
      if (part.source !== source || part.start !== at) return undefined;
      kept += partLength(part);
    }
    at += partLength(part);
  }
  return 2 * kept >= length ? source.file(0, length)?.path : undefined;
}

/** Writes what does not come from the file that was copied. */
function overwrite(descriptor: number, { parts }: Rope): void {
  let at = 0;
  for (const part of parts) {
    let place = at;
    if (!isSourcePart(part)) {
      for (const piece of piecesOf(part)) {
        const bytes = new Uint8Array(piece.length);
        piece.copy(bytes, 0);
        writeAll(descriptor, bytes, place);
        place += piece.length;
      }
    }
    at += partLength(part);
  }
}

async function stream(descriptor: number, { parts }: Rope): Promise<void> {
  const buffer = new Uint8Array(bufferBytes);
  let used = 0;
  for (const part of parts) {
    for (const piece of piecesOf(part)) {
      for (let at = 0; at < piece.length; ) {
        const length = Math.min(piece.length - at, bufferBytes - used);
        piece.copy(buffer.subarray(used, used + length), at);
        at += length;
        used += length;
        if (used < bufferBytes) continue;
        writeAll(descriptor, buffer);
        used = 0;
        // signals and progress are served between two buffers
        await setImmediate();
      }
    }
  }
  writeAll(descriptor, buffer.subarray(0, used));
}

interface Piece {
  readonly length: number;
  /** Fills `target` with the bytes from `at` on. */
  copy(target: Uint8Array, at: number): void;
}

function* piecesOf(part: Part): Generator<Piece> {
  if (isBytes(part)) yield bytesPiece(part);
  else if (isSourcePart(part)) {
    yield { length: part.end - part.start, copy: (target, at) => part.source.readInto(target, part.start + at) };
  } else yield* payloadPieces(part);
}

const bytesPiece = (bytes: Uint8Array): Piece => ({
  length: bytes.length,
  copy: (target, at) => target.set(bytes.subarray(at, at + target.length)),
});

/** A payload in a file is read range by range; any other is in memory or must be decoded as a whole. */
function* payloadPieces(payload: Payload): Generator<Piece> {
  if (payload.file === undefined) {
    yield bytesPiece(payload.read());
    return;
  }
  for (let at = 0; at < payload.byteLength; at += bufferBytes) {
    yield bytesPiece(payload.read(at, Math.min(bufferBytes, payload.byteLength - at)));
  }
}

/** Synchronous: half the time of a round through the thread pool on a busy machine. */
function writeAll(descriptor: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position === undefined ? null : position + at);
  }
}
