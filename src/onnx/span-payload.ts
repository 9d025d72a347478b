/** Payloads that are ranges of a source. */
import type { Payload } from '../tensor/tensor.js';
import type { ByteSource } from './source.js';
import { coalesce, gather, type Span } from './wire.js';

/** The bytes `[start, start + length)` of a source, read when asked for. */
export const spanPayload = (source: ByteSource, start: number, byteLength: number): Payload => ({
  byteLength,
  read(offset = 0, length = byteLength - offset) {
    if (offset < 0 || length < 0 || offset + length > byteLength) {
      throw new RangeError(`bytes ${offset} to ${offset + length} of a payload of ${byteLength}`);
    }
    return source.read(start + offset, length);
  },
  get file() {
    return source.file(start, byteLength);
  },
});

/** Several pieces as one payload: a contiguous one keeps its place in the file. */
export function piecesPayload(source: ByteSource, pieces: readonly Span[]): Payload {
  const joined = coalesce(pieces);
  if (joined.length <= 1) {
    const { start, end } = joined[0] ?? { start: 0, end: 0 };
    return spanPayload(source, start, end - start);
  }
  return lazyPayload(
    joined.reduce((total, { start, end }) => total + end - start, 0),
    () => gather(source, joined),
  );
}

/** A payload that must be decoded as a whole whenever it is read. */
export const lazyPayload = (byteLength: number, all: () => Uint8Array): Payload => ({
  byteLength,
  read: (offset = 0, length = byteLength - offset) => all().subarray(offset, offset + length),
});
