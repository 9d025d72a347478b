/** Payloads that stay in a file: bytes are read by range when asked for. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { UserError } from '../errors.js';
import type { Payload } from './tensor.js';

/**
 * The bytes `[offset, offset + length)` of a file; the rest of the file when `length` is left out.
 * @throws UserError when the path is not a readable file or ends before the range does.
 */
export function filePayload(path: string, offset = 0, length?: number): Payload {
  const available = fileSize(path);
  const byteLength = length ?? available - offset;
  if (byteLength < 0 || offset + byteLength > available) {
    throw new UserError(
      path,
      `expected at least ${offset + Math.max(byteLength, 0)} bytes, got ${available}; the file was cut short`,
    );
  }
  return {
    byteLength,
    read: (from = 0, count = byteLength - from) => readRange(path, offset + from, count),
    file: { path, offset, length: byteLength },
  };
}

/** A part of a payload, in the same file if the whole lies in one. */
export function slicePayload(whole: Payload, offset: number, byteLength: number): Payload {
  return {
    byteLength,
    read: (from = 0, count = byteLength - from) => whole.read(offset + from, count),
    ...(whole.file && { file: { path: whole.file.path, offset: whole.file.offset + offset, length: byteLength } }),
  };
}

function fileSize(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserError(path, 'no such file; check the path');
  if (!stats.isFile()) throw new UserError(path, 'expected a file, got something else; check the path');
  return stats.size;
}

/** One read call moves at most 2 GiB - 4 KiB on Linux, and may move less anywhere. */
const largestRead = 2 ** 30;

function readRange(path: string, position: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const file = openSync(path, 'r');
  try {
    for (let done = 0; done < count; ) {
      const step = readSync(file, bytes, done, Math.min(largestRead, count - done), position + done);
      if (step === 0) throw new UserError(path, `expected ${count} bytes at ${position}, got ${done}; the file shrank`);
      done += step;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
