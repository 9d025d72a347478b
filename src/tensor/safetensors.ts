/** The safetensors container: a JSON header and raw tensors. Checkpoints of a run are kept in it. */
import { UserError } from '../errors.js';
import { writeWhole } from '../files/whole-file.js';
import { type DataType, sizeOf, storedBytes } from './dtype.js';
import { filePayload, slicePayload } from './file-payload.js';
import { repeatedKey } from './json-keys.js';
import type { Payload, Tensor } from './tensor.js';

export interface Safetensors {
  /** In the order of their data; each stays in the file until it is read. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Free text by name (`__metadata__`). */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads the header of a .safetensors file; tensors are read by range when asked for. Errors are those of `decodeSafetensors`. */
export const loadSafetensors = (path: string): Safetensors => decodeSafetensors(filePayload(path), path);

/**
 * The tensors of a safetensors file, each a part of the `file` that is read when asked for.
 * @param path starts the errors.
 * @throws UserError naming the file when the header is no valid one: too long, not JSON, keys that stand twice, unknown types, ranges
 * that overlap, leave gaps, do not have the size of their shape or do not end with the file.
 */
export function decodeSafetensors(file: Payload, path: string): Safetensors {
  const { header, dataAt } = readHeader(file, path);
  const { __metadata__: metadata, ...entries } = header;
  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const { name, entry } of ordered(entries, path)) {
    const { dtype, shape, from, to } = entry;
    const where = `${path}: '${name}'`;
    if (from !== end)
      throw new UserError(
        where,
        `expected data at offset ${end}, got ${from}; ranges overlap or leave a gap: write the file again`,
      );
    const expected = storedBytes(dtype, sizeOf(shape));
    if (to - from !== expected) {
      throw new UserError(
        where,
        `expected ${expected} bytes for ${dtype}[${shape}], got ${to - from}; write the file again`,
      );
    }
    if (dataAt + to > file.byteLength)
      throw new UserError(
        where,
        `data ends ${dataAt + to - file.byteLength} bytes after the file; the file is cut short, fetch or write it again`,
      );
    tensors.set(name, { dtype, shape, payload: slicePayload(file, dataAt + from, expected) });
    end = to;
  }
  if (dataAt + end !== file.byteLength) {
    throw new UserError(
      path,
      `expected ${dataAt + end} bytes, got ${file.byteLength}; the file is incomplete or has a tail: fetch or write it again`,
    );
  }
  return { tensors, metadata: textsOf(metadata, path) };
}

/**
 * Writes tensors as one file, which is there whole or not at all. The same tensors give the same bytes.
 * @throws UserError for element types that safetensors has no name for, and when the system refuses.
 */
export const saveSafetensors = (
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> => writeWhole(path, encodeSafetensors(tensors, metadata, path));

/** The bytes of a safetensors file, chunk by chunk. @param where starts the errors. */
export function* encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  where: string,
): Generator<Uint8Array> {
  const sorted = [...tensors].sort(byAlignment);
  yield headerOf(sorted, metadata, where);
  for (const [, { payload }] of sorted) {
    for (let at = 0; at < payload.byteLength; at += chunk) {
      yield payload.read(at, Math.min(chunk, payload.byteLength - at));
    }
  }
}

const chunk = 8 * 2 ** 20;
/** The limit of the reference implementation, which padding must not pass either. */
const longestHeader = 100_000_000;

/** The names of element types; those that have none cannot be stored as what they are. */
const codes: Partial<Record<DataType, string>> = {
  float64: 'F64',
  int64: 'I64',
  uint64: 'U64',
  complex64: 'C64',
  float32: 'F32',
  int32: 'I32',
  uint32: 'U32',
  float16: 'F16',
  bfloat16: 'BF16',
  int16: 'I16',
  uint16: 'U16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  float8e4m3fn: 'F8_E4M3',
  float8e5m2: 'F8_E5M2',
  float8e8m0: 'F8_E8M0',
};

export const hasSafetensorsName = (dtype: DataType): boolean => codes[dtype] !== undefined;

const byCode = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DataType]));

interface Entry {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function readHeader(file: Payload, path: string): { header: Record<string, unknown>; dataAt: number } {
  if (file.byteLength < 8)
    throw new UserError(path, `expected a safetensors file, got ${file.byteLength} bytes; check the path`);
  const start = file.read(0, 8);
  const declared = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (declared > Math.min(longestHeader, file.byteLength - 8)) {
    throw new UserError(
      path,
      `expected a safetensors file, got a header length of ${declared} in ${file.byteLength} bytes; the file is cut short or no safetensors file`,
    );
  }
  const length = Number(declared);
  const { header, text } = parseHeader(file.read(8, length), path);
  // spaces may end it, but nothing may stand before it
  if (!isRecord(header) || text[0] !== '{')
    throw new UserError(path, 'expected a JSON object as header, got something else; write the file again');
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    throw new UserError(path, `its header has '${repeated}' twice in one object; write the file again`);
  return { header, dataAt: 8 + length };
}

function parseHeader(bytes: Uint8Array, path: string): { header: unknown; text: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { header: JSON.parse(text), text };
  } catch (cause) {
    throw new UserError(path, `expected a JSON header, got none: ${(cause as Error).message}; write the file again`, {
      cause,
    });
  }
}

/** Entries in the order of their data. */
function ordered(entries: Readonly<Record<string, unknown>>, path: string): { name: string; entry: Entry }[] {
  const list = Object.entries(entries).map(([name, value]) => ({ name, entry: entryOf(value, `${path}: '${name}'`) }));
  return list.sort((a, b) => a.entry.from - b.entry.from || a.entry.to - b.entry.to);
}

function entryOf(value: unknown, where: string): Entry {
  const { dtype: code, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  const dtype = typeof code === 'string' ? byCode.get(code) : undefined;
  if (!dtype)
    throw new UserError(
      where,
      `expected a dtype of ${[...byCode.keys()].join(', ')}, got ${JSON.stringify(code)}; write the file again`,
    );
  if (!isSizes(shape) || !Number.isSafeInteger(sizeOf(shape) * 16)) {
    throw new UserError(where, `expected a shape, got ${JSON.stringify(shape)}; write the file again`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || (offsets[0] as number) > (offsets[1] as number)) {
    throw new UserError(
      where,
      `expected data_offsets [from, to], got ${JSON.stringify(offsets)}; write the file again`,
    );
  }
  return { dtype, shape, from: offsets[0] as number, to: offsets[1] as number };
}

function textsOf(metadata: unknown, path: string): Record<string, string> {
  if (metadata === undefined) return {};
  if (isRecord(metadata) && Object.values(metadata).every((text) => typeof text === 'string')) {
    return metadata as Record<string, string>;
  }
  throw new UserError(path, 'expected texts as __metadata__, got something else; write the file again');
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** Wide elements first, so that every tensor starts at a multiple of its element's width. */
function byAlignment([nameA, a]: [string, Tensor], [nameB, b]: [string, Tensor]): number {
  const width = (t: Tensor) => storedBytes(t.dtype, 1);
  return width(b) - width(a) || (nameA < nameB ? -1 : 1);
}

function headerOf(
  tensors: readonly [string, Tensor][],
  metadata: Readonly<Record<string, string>>,
  path: string,
): Uint8Array {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let at = 0;
  for (const [name, { dtype, shape, payload }] of tensors) {
    const code = codes[dtype];
    if (!code)
      throw new UserError(`${path}: '${name}'`, `${dtype} has no name in safetensors; store its bytes as uint8`);
    if (name === '__metadata__') throw new UserError(path, "a tensor cannot be called '__metadata__'; rename it");
    entries.push([name, { dtype: code, shape, data_offsets: [at, (at += payload.byteLength)] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  if (json.length > longestHeader - 8) {
    throw new UserError(
      path,
      `expected names and metadata of at most ${longestHeader - 8} bytes, got ${json.length}; store fewer tensors in one file`,
    );
  }
  // spaces bring the data to a multiple of 8
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(json, 8);
  return padded;
}
