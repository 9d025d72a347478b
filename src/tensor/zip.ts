/** The directory of a zip archive, read by range. Archives are input from outside: nothing they declare is believed before it is checked. */
import { crc32, inflateRawSync } from 'node:zlib';
import { UserError } from '../errors.js';
import { slicePayload } from './file-payload.js';
import { memoryPayload, type Payload } from './tensor.js';

export interface ZipEntry {
  readonly name: string;
  /** The uncompressed bytes: a range of the archive when stored, inflated when first read otherwise. */
  readonly payload: Payload;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, zip64Locator: 0x07064b50 };
const endSize = 22;
const longestComment = 65_535;
/** Deflate cannot shrink by more than this; a higher declared ratio is a lie. */
const highestRatio = 1032;
/** Inflated entries are held in memory: the most that all of an archive's may take. */
const mostInflated = 2 ** 31 - 1;
const mostEntries = 65_535;

/**
 * The entries of an archive, in order.
 * @throws UserError on truncated, encrypted, zip64 or contradictory archives, on compression other than deflate, and, when an entry
 * is read, on one that is not as large as declared.
 */
export function readZip(archive: Payload, where: string): ZipEntry[] {
  const { entries, offset, size } = readEnd(archive, where);
  const directory = archive.read(offset, size);
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const found: Place[] = [];
  const names = new Set<string>();
  let inflated = 0;
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== signatures.central)
      throw damaged(where, `entry ${i} is missing`);
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > size) throw damaged(where, `entry ${i} is cut off`);
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    if (names.has(name)) throw damaged(where, `two entries are named '${name}'`);
    names.add(name);
    const record: CentralRecord = {
      name,
      isEncrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      uncompressed: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if (record.method !== 0) inflated += record.uncompressed;
    if (inflated > mostInflated) {
      throw new UserError(
        where,
        `expected at most ${mostInflated} bytes when inflated, got more; store the arrays uncompressed`,
      );
    }
    if (!name.endsWith('/')) found.push(placeOf(archive, record, offset, where));
    at = next;
  }
  checkApart(found, where);
  return found.map((place) => ({ name: place.record.name, payload: entryPayload(archive, place, where) }));
}

interface CentralRecord {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly checksum: number;
  readonly compressed: number;
  readonly uncompressed: number;
  readonly offset: number;
}

function readEnd(archive: Payload, where: string): { entries: number; offset: number; size: number } {
  const length = Math.min(archive.byteLength, endSize + longestComment);
  const tail = archive.read(archive.byteLength - length, length);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = length - endSize; at >= 0; at--) {
    if (view.getUint32(at, true) !== signatures.end) continue;
    if (at + endSize + view.getUint16(at + 20, true) !== length) continue;
    if (at >= 20 && view.getUint32(at - 20, true) === signatures.zip64Locator) throw zip64(where);
    const entries = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 12, true);
    const offset = view.getUint32(at + 16, true);
    if (offset === 0xffffffff || size === 0xffffffff || entries === mostEntries) throw zip64(where);
    if (offset + size > archive.byteLength - length + at) throw damaged(where, 'its directory lies outside the file');
    return { entries, offset, size };
  }
  throw new UserError(where, 'expected a zip archive, got other content or a truncated one; write it with numpy.savez');
}

/** Where an entry lies: its header from `record.offset`, its data `[start, end)`. */
interface Place {
  readonly record: CentralRecord;
  readonly start: number;
  readonly end: number;
}

function placeOf(archive: Payload, record: CentralRecord, directory: number, where: string): Place {
  const { name, method, compressed, uncompressed, offset } = record;
  if (record.isEncrypted) throw new UserError(where, `'${name}' is encrypted; write the archive without a password`);
  if (method !== 0 && method !== 8) {
    throw new UserError(
      where,
      `expected '${name}' stored or deflated, got compression method ${method}; write it with numpy.savez`,
    );
  }
  if ([compressed, uncompressed, offset].includes(0xffffffff)) throw zip64(where);
  if (offset + 30 > directory) throw damaged(where, `'${name}' lies outside the file`);
  const local = archive.read(offset, 30);
  const view = new DataView(local.buffer, local.byteOffset, local.byteLength);
  if (view.getUint32(0, true) !== signatures.local) throw damaged(where, `'${name}' has no local header`);
  const start = offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + compressed > directory) throw damaged(where, `'${name}' lies outside the file`);
  return { record, start, end: start + compressed };
}

/** Entries that share bytes let a small archive unfold into as much as it has names. */
function checkApart(places: readonly Place[], where: string): void {
  const inOrder = [...places].sort((a, b) => a.record.offset - b.record.offset);
  for (const [i, { record, end }] of inOrder.entries()) {
    const next = inOrder[i + 1]?.record;
    if (next && next.offset < end) throw damaged(where, `'${record.name}' and '${next.name}' overlap`);
  }
}

function entryPayload(archive: Payload, { record, start }: Place, where: string): Payload {
  const { name, method, compressed, uncompressed } = record;
  const stored = slicePayload(archive, start, compressed);
  if (method === 0) {
    if (compressed !== uncompressed) throw damaged(where, `'${name}' is stored, but declares two sizes`);
    return stored;
  }
  if (uncompressed > compressed * highestRatio + 64) {
    throw new UserError(where, `'${name}' declares ${uncompressed} bytes from ${compressed}; store it uncompressed`);
  }
  return inflatedPayload(stored, record, where);
}

function inflatedPayload(stored: Payload, { name, uncompressed, checksum }: CentralRecord, where: string): Payload {
  let whole: Payload | undefined;
  const inflate = () => {
    let bytes: Uint8Array;
    try {
      // One byte of room more than declared tells a longer entry from an exact one.
      bytes = inflateRawSync(stored.read(), { maxOutputLength: uncompressed + 1 });
    } catch (cause) {
      throw damaged(where, `'${name}' does not inflate to its declared ${uncompressed} bytes`, cause);
    }
    if (bytes.length !== uncompressed) {
      throw new UserError(where, `expected ${uncompressed} bytes in '${name}', got ${bytes.length}; write it again`);
    }
    if (crc32(bytes) !== checksum) throw damaged(where, `'${name}' fails its checksum`);
    return memoryPayload(bytes);
  };
  return { byteLength: uncompressed, read: (offset, length) => (whole ??= inflate()).read(offset, length) };
}

const damaged = (where: string, what: string, cause?: unknown): UserError =>
  new UserError(where, `the archive is damaged: ${what}; write it again`, { cause });

const zip64 = (where: string): UserError =>
  new UserError(where, 'zip64 archives are not read; save the arrays as separate .npy files');
