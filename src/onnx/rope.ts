/** Bytes to be written, as a list of pieces: spans of a source, fresh bytes, payloads that are read when their turn comes. */
import type { Payload } from '../tensor/tensor.js';
import type { ByteSource } from './source.js';
import type { Span } from './wire.js';

export interface SourcePart extends Span {
  readonly source: ByteSource;
}

export type Part = SourcePart | Uint8Array | Payload;

export const isSourcePart = (part: Part): part is SourcePart => 'source' in part;
export const isBytes = (part: Part): part is Uint8Array => part instanceof Uint8Array;

export const partLength = (part: Part): number => (isSourcePart(part) ? part.end - part.start : part.byteLength);

/** Append-only; spans that touch in their source become one, so what is untouched stays one piece. */
export class Rope {
  readonly parts: Part[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  span(source: ByteSource, { start, end }: Span): this {
    return end > start ? this.#add({ source, start, end }) : this;
  }

  bytes(bytes: Uint8Array): this {
    return bytes.length > 0 ? this.#add(bytes) : this;
  }

  payload(payload: Payload): this {
    return payload.byteLength > 0 ? this.#add(payload) : this;
  }

  rope(other: Rope): this {
    for (const part of other.parts) this.#add(part);
    return this;
  }

  /** A length-delimited field around `content`. */
  field(number: number, content: Rope | Uint8Array): this {
    this.bytes(varint(number * 8 + 2)).bytes(varint(content.length));
    return content instanceof Rope ? this.rope(content) : this.bytes(content);
  }

  /** Whether this is exactly that span of that source. */
  isSpan(source: ByteSource, { start, end }: Span): boolean {
    const [part] = this.parts;
    if (end === start) return this.parts.length === 0;
    return (
      this.parts.length === 1 &&
      isSourcePart(part!) &&
      part.source === source &&
      part.start === start &&
      part.end === end
    );
  }

  /** Everything at once. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.parts) {
      const length = partLength(part);
      if (isSourcePart(part)) part.source.readInto(bytes.subarray(at, at + length), part.start);
      else bytes.set(isBytes(part) ? part : part.read(), at);
      at += length;
    }
    return bytes;
  }

  #add(part: Part): this {
    this.#length += partLength(part);
    const last = this.parts.at(-1);
    if (last && isSourcePart(part) && isSourcePart(last) && last.source === part.source && last.end === part.start) {
      this.parts[this.parts.length - 1] = { source: part.source, start: last.start, end: part.end };
    } else this.parts.push(part);
    return this;
  }
}

/** A whole number below 2^53 in its shortest encoding. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  bytes.push(value);
  return Uint8Array.from(bytes);
}
