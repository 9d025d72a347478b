/** PNG files of any colour type and depth as eight bits of grey, or of red, green and blue. */
import { inflateSync } from 'node:zlib';
import { UserError } from '../../errors.js';
import type { Picture } from '../reader.js';
import { checkArea } from './picture-limits.js';

/** Decodes the bytes of one file. @throws UserError when they are damaged or too many pixels. */
export type PngDecoder = (bytes: Uint8Array, where: string) => Picture;

/** Loads the library, which is not wanted before there is a PNG to read. */
export async function pngDecoder(): Promise<PngDecoder> {
  const { decode } = await import('fast-png');
  return (bytes, where) => {
    const { header, essential, compressed } = chunksOf(bytes, where);
    checkArea(header.width, header.height, where);
    checkInflated(compressed, header, where);
    try {
      const { data, palette } = decode(essential, { checkCrc: true });
      const channels = header.color === 0 || header.color === 4 ? 1 : 3;
      return { width: header.width, height: header.height, channels, pixels: bytesOf(data, header, channels, palette) };
    } catch (cause) {
      throw damaged(where, (cause as Error).message, cause);
    }
  };
}

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample, or of an index into the palette. */
  readonly depth: number;
  /** 0 grey, 2 colours, 3 palette, 4 grey and alpha, 6 colours and alpha. */
  readonly color: number;
  readonly isInterlaced: boolean;
}

/** Samples of a pixel by colour type. */
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const depths = [1, 2, 4, 8, 16];

/** Those that pixels are made of: the others may hold anything, of any size. */
const wanted = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND']);

function chunksOf(bytes: Uint8Array, where: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  const compressed: Uint8Array[] = [];
  let header: Header | undefined;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    if (end > bytes.length) break;
    if (wanted.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IHDR' && length === 13)
      header = headerOf(new DataView(view.buffer, view.byteOffset + at + 8, 13), where);
    if (type === 'IDAT') compressed.push(bytes.subarray(at + 8, end - 4));
    if (type === 'IEND' && header)
      return { header, essential: Buffer.concat(kept), compressed: Buffer.concat(compressed) };
    at = end;
  }
  throw damaged(where, header ? 'it ends too early' : 'it has no header');
}

function headerOf(view: DataView, where: string): Header {
  const [depth, color, isInterlaced] = [view.getUint8(8), view.getUint8(9), view.getUint8(12) !== 0];
  if (!depths.includes(depth) || samples[color] === undefined) {
    throw damaged(where, `it has ${depth} bits of colour type ${color}`);
  }
  if (isInterlaced && depth < 8) {
    throw new UserError(
      where,
      `expected an interlaced PNG of at least 8 bits, got ${depth}; save it without interlacing`,
    );
  }
  return { width: view.getUint32(0), height: view.getUint32(4), depth, color, isInterlaced };
}

/** The library takes whatever the data unfold to; here they may be no more than the header says, and no less. */
function checkInflated(compressed: Uint8Array, header: Header, where: string): void {
  const expected = inflatedBytes(header);
  let got: number;
  try {
    got = inflateSync(compressed, { maxOutputLength: expected }).length;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw damaged(where, code === 'ERR_BUFFER_TOO_LARGE' ? 'its data are longer than its size' : message, cause);
  }
  if (got < expected) throw damaged(where, `its data are ${got} bytes instead of ${expected}`);
}

/** First column and row of each pass over an interlaced picture, and the steps between. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Rows of samples, each after one byte that says how it is filtered. */
function inflatedBytes({ width, height, depth, color, isInterlaced }: Header): number {
  const rows = (w: number, h: number): number => (w > 0 ? h * (1 + Math.ceil((w * depth * samples[color]!) / 8)) : 0);
  if (!isInterlaced) return rows(width, height);
  const along = (size: number, first: number, step: number): number => Math.max(0, Math.ceil((size - first) / step));
  return passes.reduce((sum, [x, y, dx, dy]) => sum + rows(along(width, x, dx), along(height, y, dy)), 0);
}

/** Alpha is left out, as Pillow does; 16 bits are scaled to 8 and fewer than 8 spread over [0, 255]. */
function bytesOf(
  data: ArrayLike<number>,
  { width, height, depth, color }: Header,
  channels: Picture['channels'],
  palette: readonly (readonly number[])[] | undefined,
): Uint8Array {
  const stored = samples[color]!;
  const at = reader(data, width * stored, depth);
  const highest = 2 ** depth - 1;
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const entry = color === 3 ? (palette?.[at(y, x)] ?? [0, 0, 0]) : undefined;
      for (let c = 0; c < channels; c++, to++) {
        pixels[to] = entry ? entry[c]! : Math.round((at(y, x * stored + c) * 255) / highest);
      }
    }
  }
  return pixels;
}

/** The sample at a place of a row: rows of fewer than 8 bits a sample begin at a byte. */
function reader(data: ArrayLike<number>, rowSamples: number, depth: number): (row: number, place: number) => number {
  if (depth >= 8) return (row, place) => data[row * rowSamples + place]!;
  const rowBytes = Math.ceil((rowSamples * depth) / 8);
  return (row, place) => {
    const bit = place * depth;
    return (data[row * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
}

const damaged = (where: string, what: string, cause?: unknown): UserError =>
  new UserError(where, `expected a whole PNG, got a damaged one: ${what}; copy it again or leave it out`, { cause });
