/** JPEG files, decoded by MozJPEG as libjpeg does, turned upright by their EXIF orientation. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { UserError } from '../../errors.js';
import type { Picture } from '../reader.js';
import { checkArea } from './picture-limits.js';

/** Decodes the bytes of one file. @throws UserError when they are damaged, of four colours, or too many pixels. */
export type JpegDecoder = (bytes: Uint8Array, where: string) => Picture;

/** The library's module as compiled to WebAssembly: its own wrapper has no synchronous call. */
interface Codec {
  decode(
    bytes: Uint8Array,
    upright: boolean,
  ): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray };
}

/** The part of the global that is used here: TypeScript has its types only among those of browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => Compiled;
  Instance: new (compiled: Compiled, imports: object) => Instance;
};
type Compiled = object;
interface Instance {
  readonly exports: object;
}

/** Fills `module` with the codec's functions; at once, because the instance is made at once. */
type CodecFactory = (module: {
  instantiateWasm(imports: object, use: (instance: Instance) => void): object;
  print(line: string): void;
  printErr(line: string): void;
}) => Promise<Codec>;

/** Loads the library, which is not wanted before there is a JPEG to read. */
export async function jpegDecoder(): Promise<JpegDecoder> {
  const require = createRequire(import.meta.url);
  const compiled = new WebAssembly.Module(readFileSync(require.resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm')));
  const loaded = (await import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js')) as unknown as { default: CodecFactory };
  const said: string[] = [];
  let codec: Codec | undefined;
  return (bytes, where) => {
    const channels = checkFrame(bytes, where);
    checkScans(bytes, where);
    said.length = 0;
    let decoded: ReturnType<Codec['decode']>;
    try {
      codec ??= instantiate(loaded.default, compiled, said);
      decoded = codec.decode(bytes, true);
    } catch (cause) {
      // it leaves the instance's memory in disorder
      codec = undefined;
      throw damaged(where, said[0] ?? (cause as Error).message, cause);
    }
    // the library fills what is missing with grey and only says so
    const cut = said.find((line) => /premature end/i.test(line));
    if (cut !== undefined) throw damaged(where, cut);
    const { width, height, data } = decoded;
    return { width, height, channels, pixels: withoutAlpha(data, width * height, channels) };
  };
}

/** @param said takes what the codec prints. */
function instantiate(factory: CodecFactory, compiled: Compiled, said: string[]): Codec {
  const note = (line: string): void => void said.push(line);
  const module: Parameters<CodecFactory>[0] = {
    print: note,
    printErr: note,
    instantiateWasm(imports, use) {
      const instance = new WebAssembly.Instance(compiled, imports);
      use(instance);
      return instance.exports;
    },
  };
  void factory(module);
  return module as unknown as Codec;
}

const damaged = (where: string, said: string, cause?: unknown): UserError => {
  const what = said.charAt(0).toLowerCase() + said.slice(1);
  return new UserError(where, `expected a whole JPEG, got a damaged one: ${what}; copy it again or leave it out`, {
    cause,
  });
};

function withoutAlpha(data: Uint8ClampedArray, area: number, channels: 1 | 3): Uint8Array {
  const pixels = new Uint8Array(area * channels);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < channels; c++) pixels[i * channels + c] = data[4 * i + c]!;
  }
  return pixels;
}

/** Markers that open a frame: all SOFn but those of tables. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** A block of 8 x 8 pixels takes a bit at least: the codec would fill what is missing with grey, for many seconds. */
const mostPixelsOfByte = 512;

/** A progressive picture has about ten; each is a walk over all blocks, and may take a few bytes. */
const mostScans = 100;

function checkScans(bytes: Uint8Array, where: string): void {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // within a scan 0xff is followed by 0
  let scans = 0;
  for (let at = content.indexOf(scanStart); at >= 0; at = content.indexOf(scanStart, at + 2)) scans++;
  if (scans > mostScans)
    throw new UserError(where, `expected at most ${mostScans} scans, got ${scans}; save it again, not progressive`);
}

const scanStart = Uint8Array.of(0xff, 0xda);

/** Size and colours as the frame's header says them, before anything is decoded. */
function checkFrame(bytes: Uint8Array, where: string): Picture['channels'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1]!;
    // fill bytes may precede a marker
    if (marker === 0xff) at++;
    else if (!isFrame(marker)) at += 2 + view.getUint16(at + 2);
    else {
      const [width, height] = [view.getUint16(at + 7), view.getUint16(at + 5)];
      checkArea(width, height, where);
      if (width * height > mostPixelsOfByte * bytes.length)
        throw damaged(where, `${bytes.length} bytes cannot hold ${width} x ${height} pixels`);
      return channelsOf(bytes[at + 9]!, where);
    }
  }
  throw damaged(where, 'it has no frame');
}

function channelsOf(components: number, where: string): Picture['channels'] {
  if (components === 1 || components === 3) return components;
  throw new UserError(
    where,
    `expected a JPEG in grey or in red, green and blue, got ${components === 4 ? 'CMYK' : `${components} colours`}; convert it to RGB`,
  );
}
