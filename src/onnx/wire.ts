/** The protobuf wire format: walks the records of a message inside a source, without reading payloads. */
import { UserError } from '../errors.js';
import type { ByteSource } from './source.js';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One record `[start, end)`: its tag and, for wire type 2, its length, then the payload `[payload, end)`. */
export interface WireRecord extends Span {
  readonly field: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 3 group (deprecated; skipped as a whole), 5 four bytes. */
  readonly wire: number;
  /** Where the tag ends. */
  readonly tagEnd: number;
  readonly payload: number;
}

/** A message: several spans where a field that may stand once was written in pieces (their concatenation is the merge). */
export interface Body {
  readonly source: ByteSource;
  readonly spans: readonly Span[];
}

export const wholeOf = (source: ByteSource): Body => ({ source, spans: [{ start: 0, end: source.size }] });

/** The message in the payloads of `records`. */
export const bodyOf = (source: ByteSource, records: readonly WireRecord[]): Body => ({
  source,
  spans: records.map(({ payload, end }) => ({ start: payload, end })),
});

/** @throws UserError with the byte offset where the records do not add up. */
export function records({ source, spans }: Body): WireRecord[] {
  const found: WireRecord[] = [];
  for (const { start, end } of spans) {
    for (let at = start; at < end; ) {
      const record = recordAt(source, at, end);
      found.push(record);
      at = record.end;
    }
  }
  return found;
}

/** Tags and lengths longer than this are refused, as the reference parsers do. */
const shortVarintBytes = 5;
const longVarintBytes = 10;

function recordAt(source: ByteSource, start: number, limit: number): WireRecord {
  const head = source.peek(start, Math.min(2 * longVarintBytes, limit - start));
  const tag = varintIn(source, head, 0, shortVarintBytes, start, limit);
  const field = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  if (field === 0 || field > 0x1fffffff) throw damaged(source, start, 'a field number from 1 to 536870911', `${field}`);
  const tagEnd = start + tag.length;
  const at = (payload: number, end: number): WireRecord => {
    if (end > limit) {
      throw damaged(source, start, `field ${field} to end by byte ${limit}`, `a length that ends at ${end}`);
    }
    return { field, wire, start, tagEnd, payload, end };
  };
  switch (wire) {
    case 0:
      return at(tagEnd, tagEnd + varintIn(source, head, tag.length, longVarintBytes, start, limit).length);
    case 1:
      return at(tagEnd, tagEnd + 8);
    case 2: {
      const length = varintIn(source, head, tag.length, shortVarintBytes, start, limit);
      const payload = tagEnd + length.length;
      return at(payload, payload + length.value);
    }
    case 3:
      return at(tagEnd, groupEnd(source, tagEnd, field, limit));
    case 5:
      return at(tagEnd, tagEnd + 4);
    default:
      throw damaged(source, start, 'a wire type 0, 1, 2, 3 or 5', `${wire}`);
  }
}

/** Where the group opened before `from` ends; inner groups are counted, so depth costs no stack. */
function groupEnd(source: ByteSource, from: number, field: number, limit: number): number {
  const open = [field];
  let at = from;
  while (open.length > 0 && at < limit) {
    const head = source.peek(at, Math.min(longVarintBytes, limit - at));
    const tag = varintIn(source, head, 0, shortVarintBytes, at, limit);
    const inner = Math.floor(tag.value / 8);
    if (tag.value % 8 === 3) open.push(inner);
    else if (tag.value % 8 === 4) {
      if (open.pop() !== inner) throw damaged(source, at, 'the end of the innermost group', `the end of ${inner}`);
    } else {
      at = recordAt(source, at, limit).end;
      continue;
    }
    at += tag.length;
  }
  if (open.length > 0) throw damaged(source, from, `the end of group ${field}`, 'none');
  return at;
}

function varintIn(
  source: ByteSource,
  head: Uint8Array,
  from: number,
  most: number,
  start: number,
  limit: number,
): { value: number; length: number } {
  let value = 0;
  for (let i = 0; i < most; i++) {
    const byte = head[from + i];
    if (byte === undefined) throw damaged(source, start, 'a whole record', `${limit - start} bytes`);
    // beyond 2^53 the value is inexact; only varint fields are that long, and their value is not used here
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, length: i + 1 };
  }
  throw damaged(source, start, `a number of at most ${most} bytes`, 'a longer one');
}

const damaged = (source: ByteSource, at: number, expected: string, got: string): UserError =>
  new UserError(source.name, `expected ${expected} at byte ${at}, got ${got}; the file is damaged or no ONNX model`);

/** The bytes of the spans, one after another: for records of a message, a message of just these fields. */
export function gather(source: ByteSource, spans: readonly Span[]): Uint8Array {
  const joined = coalesce(spans);
  if (joined.length === 1) return source.read(joined[0]!.start, joined[0]!.end - joined[0]!.start);
  const bytes = new Uint8Array(joined.reduce((total, { start, end }) => total + end - start, 0));
  let at = 0;
  for (const { start, end } of joined) {
    bytes.set(source.read(start, end - start), at);
    at += end - start;
  }
  return bytes;
}

/** The same spans, those that touch joined. */
export function coalesce(spans: readonly Span[]): Span[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of spans) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
}
