/** Mutations of .npy headers and of .zip directories: well-formed enough to be believed, with one or two lies. */
import { crc32, deflateRawSync } from 'node:zlib';
import { concat, mutateBytes } from './bytes.mjs';

const utf8 = new TextEncoder();

const descriptions = [
  '<f4',
  '>f4',
  '<f8',
  '<i8',
  '>i2',
  '|u1',
  '|b1',
  '<f2',
  '|O',
  '<c8',
  '<U3',
  "('a', '<f4')",
  '=f4',
  '',
];
const sizes = ['0', '1', '2', '3', '4', '-1', '65536', '4294967296', '9007199254740993', '1e3', '2L', '', ' 7', '08'];

/** A header of the three keys with odd values, before data that may or may not be of that size. */
export function mutateNpy(bytes, random, others) {
  if (random.chance(0.4)) return mutateBytes(bytes, random, others);
  const shape = Array.from({ length: random.below(5) }, () => random.pick(sizes));
  const entries = [
    `'descr': '${random.pick(descriptions)}'`,
    `'fortran_order': ${random.pick(['False', 'True', 'False', 'None', '0'])}`,
    `'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''})`,
  ];
  if (random.chance(0.1)) entries.splice(random.below(3), 1);
  if (random.chance(0.1)) entries.push(random.pick(entries));
  const text = `{${entries.join(', ')}, }${' '.repeat(random.below(40))}\n`;
  const version = random.pick([1, 1, 1, 2, 3, 0, 4]);
  const length = random.chance(0.1) ? random.pick([0, 0xffff, 0x7fffffff]) : text.length;
  const head = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, length & 0xff, (length >> 8) & 0xff];
  if (version > 1) head.push((length >> 16) & 0xff, (length >>> 24) & 0xff);
  const count = shape.reduce((product, size) => product * Number.parseInt(size, 10), 1);
  const data = random.chance(0.7) && count >= 0 && count < 4096 ? count * random.pick([1, 2, 4, 8]) : random.below(64);
  return concat([Uint8Array.from(head), utf8.encode(text), new Uint8Array(data).fill(random.below(256))]);
}

/** An archive of the entries' bytes with lies about sizes, places, checksums and names. */
export function mutateZip(bytes, random, others) {
  if (random.chance(0.4)) return mutateBytes(bytes, random, others);
  const inner = random.pick([new Uint8Array(5000), new Uint8Array(0), npy()]);
  const entries = Array.from({ length: 1 + random.below(4) }, (_, i) => entryOf(i, inner, random));
  let at = 0;
  for (const entry of entries) {
    if (random.chance(0.1)) entry.offset = random.pick([0, at + 1, 0xffffffff, 2 ** 31]);
    else entry.offset = at;
    entry.local = concat([record(0x04034b50, entry, false), entry.name, entry.data]);
    at += entry.local.length;
  }
  const directory = concat(entries.map((entry) => concat([record(0x02014b50, entry, true), entry.name])));
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, random.chance(0.1) ? random.below(65536) : entries.length, true);
  end.setUint32(12, random.chance(0.05) ? random.below(2 ** 32) : directory.length, true);
  end.setUint32(16, random.chance(0.05) ? random.below(2 ** 32) : at, true);
  return concat([...entries.map(({ local }) => local), directory, new Uint8Array(end.buffer)]);
}

function entryOf(i, inner, random) {
  const method = random.pick([0, 8, 8, 8, 12]);
  const data = method === 8 ? new Uint8Array(deflateRawSync(inner)) : inner;
  const lie = (honest) => (random.chance(0.1) ? random.pick([0, 1, honest + 1, 2 ** 20, 2 ** 31, 0xffffffff]) : honest);
  const name = random.pick([`a${i}.npy`, 'a.npy', '../a.npy', '/a.npy', '__proto__.npy', 'a/', 'x.txt', `${i}.npy`]);
  return {
    name: utf8.encode(name),
    data,
    method,
    flags: random.chance(0.03) ? 1 : 0,
    checksum: lie(crc32(inner)),
    compressed: lie(data.length),
    uncompressed: lie(inner.length),
    offset: 0,
  };
}

function record(signature, { name, method, flags, checksum, compressed, uncompressed, offset }, isCentral) {
  const view = new DataView(new ArrayBuffer(isCentral ? 46 : 30));
  const shift = isCentral ? 2 : 0;
  view.setUint32(0, signature, true);
  view.setUint16(6 + shift, flags, true);
  view.setUint16(8 + shift, method, true);
  view.setUint32(14 + shift, checksum, true);
  view.setUint32(18 + shift, compressed, true);
  view.setUint32(22 + shift, uncompressed, true);
  view.setUint16(26 + shift, name.length, true);
  if (isCentral) view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

function npy() {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  return concat([
    Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length, 0),
    utf8.encode(text),
    new Uint8Array(24),
  ]);
}
