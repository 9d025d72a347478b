/** Writes the bytes of a model's files: streamed, or as a copy of a file with the changed ranges overwritten. */
import { constants } from 'node:fs';
import { chmod, copyFile, open, stat } from 'node:fs/promises';
import { syncFile, writeAll } from '../files/whole-file.js';
import { heed } from '../heed.js';
import type { Payload } from '../tensor/tensor.js';
import { isBytes, isSourcePart, type Part, partLength, type Rope } from './rope.js';

export interface Output {
  readonly path: string;
  readonly content: Rope;
}

/** Large enough that a disk is kept busy, small beside any model. */
const bufferBytes = 4 * 1024 * 1024;

/** A copy made by the system cannot be stopped: larger files are copied here, piece by piece, unless their blocks can be shared. */
const mostCopiedAtOnce = 512 * 1024 * 1024;

/**
 * Makes the file at `path`, which must not exist; it is on the disk when the promise settles.
 * @param signal checked every few megabytes.
 */
export async function writeRope(path: string, content: Rope, signal?: AbortSignal): Promise<void> {
  const template = templateOf(content);
  const isCopy = template !== undefined && (await copy(template, path, content.length));
  const handle = await open(path, isCopy ? 'r+' : 'wx');
  try {
    if (isCopy) await overwrite(handle.fd, content, signal);
    else await stream(handle.fd, content, signal);
    await syncFile(handle);
  } finally {
    await handle.close();
  }
}

/** Copies inside the system; false when that would take long. */
async function copy(from: string, to: string, bytes: number): Promise<boolean> {
  const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } = constants;
  const isLarge = bytes > mostCopiedAtOnce;
  try {
    await copyFile(from, to, COPYFILE_EXCL | (isLarge ? COPYFILE_FICLONE_FORCE : COPYFILE_FICLONE));
  } catch (error) {
    // no shared blocks here
    if (isLarge) return false;
    throw error;
  }
  // the copy of a read-only file is its owner's to change
  await chmod(to, (await stat(to)).mode | 0o200);
  return true;
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
async function overwrite(descriptor: number, { parts }: Rope, signal: AbortSignal | undefined): Promise<void> {
  let at = 0;
  for (const part of parts) {
    let place = at;
    if (!isSourcePart(part)) {
      for (const piece of piecesOf(part)) {
        await heed(signal);
        const bytes = new Uint8Array(piece.length);
        piece.copy(bytes, 0);
        writeAll(descriptor, bytes, place);
        place += piece.length;
      }
    }
    at += partLength(part);
  }
}

async function stream(descriptor: number, { parts }: Rope, signal: AbortSignal | undefined): Promise<void> {
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
        await heed(signal);
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
