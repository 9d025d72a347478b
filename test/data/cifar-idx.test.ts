/** CIFAR records and idx files, whole and damaged. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isPictures, type Records } from '../../src/data/reader.js';
import { cifar } from '../../src/data/readers/cifar.js';
import { idx } from '../../src/data/readers/idx.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { temporaryFolder } from './models.js';

const { write } = temporaryFolder();

/** Labels, then red 1, green 2 and blue 3 everywhere but for the first red pixel. */
const record = (labels: readonly number[], first: number): Uint8Array => {
  const planes = new Uint8Array(3072).map((_, i) => 1 + Math.floor(i / 1024));
  planes[0] = first;
  return Uint8Array.of(...labels, ...planes);
};
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

function pixelsOf({ columns }: Records, row: number): readonly number[] {
  const column = columns.get('image')!;
  return isPictures(column) ? [...column.picture(row).pixels] : [];
}

describe('cifar', () => {
  test('one byte of label is CIFAR-10, over several files', async () => {
    const files = [write('a.bin', joined(record([3], 9), record([0], 8))), write('b.bin', record([9], 7))];
    const records = await cifar.read(files, {});
    expect(records).toMatchObject({ count: 3, labels: [3, 0, 9], description: 'CIFAR-10 records' });
    expect([0, 1, 2].map((row) => pixelsOf(records, row).slice(0, 6))).toEqual([
      [9, 2, 3, 1, 2, 3],
      [8, 2, 3, 1, 2, 3],
      [7, 2, 3, 1, 2, 3],
    ]);
  });

  test('two bytes are CIFAR-100, labelled by the fine one or the coarse one', async () => {
    const file = [write('a.bin', record([19, 99], 5))];
    expect((await cifar.read(file, {})).labels).toEqual([99]);
    expect((await cifar.read(file, { label: 'coarse' })).labels).toEqual([19]);
    await expect(cifar.read(file, { label: 'course' })).rejects.toThrow(
      "a.bin: expected the label of CIFAR-100 (fine or coarse), got 'course'; leave it out",
    );
  });

  test.each<[Uint8Array, string]>([
    [
      record([3], 9).subarray(0, 3000),
      'a.bin: expected CIFAR records of 3073 or 3074 bytes, got 3000 bytes in all; the file is cut off or of another format',
    ],
    [new Uint8Array(0), 'got 0 bytes in all'],
    [record([10], 1), 'a.bin: expected labels below 10, got 10 in record 0; the file is damaged or of another format'],
  ])('is refused', async (content, message) => {
    await expect(cifar.read([write('a.bin', content)], {})).rejects.toThrow(message);
  });
});

const header = (type: number, ...sizes: readonly number[]): number[] => [
  ...[0, 0, type, sizes.length],
  ...sizes.flatMap((size) => [size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]),
];
const two = Uint8Array.of(...header(8, 2, 1, 2), 1, 2, 3, 4);
const labels = Uint8Array.of(...header(8, 2), 7, 1);

describe('idx', () => {
  test.each<[string, string, string]>([
    ['plain', 'p-images-idx3-ubyte', 'p-labels-idx1-ubyte'],
    ['gzipped', 'g-images-idx3-ubyte.gz', 'g-labels-idx1-ubyte.gz'],
    ['one of each', 'm-images.idx', 'm-labels.idx.gz'],
  ])('pictures find their labels: %s', async (_, images, beside) => {
    const stored = (name: string, content: Uint8Array) =>
      write(name, name.endsWith('.gz') ? gzipSync(content) : content);
    const labelPath = stored(beside, labels);
    const records = await idx.read([stored(images, two)], {});
    expect(records).toMatchObject({ count: 2, labels: [7, 1], alsoRead: [labelPath] });
    expect([pixelsOf(records, 0), pixelsOf(records, 1)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('labels may be given, or lie elsewhere, or nowhere', async () => {
    const images = write('alone/x.idx', two);
    const given = write('alone/y.idx', labels);
    expect((await idx.read([images], {})).labels).toBeUndefined();
    expect((await idx.read([given, images], {})).labels).toEqual([7, 1]);
    expect(await idx.read([images], { labels: given })).toMatchObject({ labels: [7, 1], alsoRead: [given] });
  });

  test('numbers are big-endian', async () => {
    const file = write('numbers/x.idx', Uint8Array.of(...header(13, 2, 1), 0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0));
    const column = (await idx.read([file], {})).columns.get('image')!;
    expect(isPictures(column) ? [] : [...floatsOf(column.read(Uint32Array.of(1, 0)))]).toEqual([-2, 1.5]);
  });

  test.each<[string, Uint8Array, string | RegExp]>([
    ['a.idx', two.subarray(0, -1), 'a.idx: expected 20 bytes for uint8[2, 1, 2], got 19; the file is damaged'],
    ['b.idx', Uint8Array.of(...two, 5), 'b.idx: expected 20 bytes for uint8[2, 1, 2], got more; the file is damaged'],
    [
      'c.idx.gz',
      gzipSync(Uint8Array.of(...two, 5, 6)),
      'expected gzipped idx data, got more bytes than the header says',
    ],
    ['d.idx.gz', gzipSync(two).subarray(0, -9), /expected (gzipped idx data|20 bytes)/],
    ['e.idx.gz', gzipSync(Uint8Array.of(...header(8, 2 ** 31, 2 ** 31, 255))), 'got fewer; the file is damaged'],
    [
      'f.idx.gz',
      two,
      'f.idx.gz: expected gzipped idx data, got incorrect header check; the file is damaged or of another format',
    ],
    [
      'g.idx',
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      'g.idx: expected the header of an idx file, got other bytes; check that it is one',
    ],
    ['h.idx', labels, 'h.idx: expected one idx file of pictures, got 0; give it alone or with its labels'],
  ])('%s is refused', async (name, content, message) => {
    await expect(idx.read([write(name, content)], {})).rejects.toThrow(message);
  });

  test('labels of another number are refused', async () => {
    const images = write('few/a-images.idx', two);
    write('few/a-labels.idx', Uint8Array.of(...header(8, 1), 7));
    await expect(idx.read([images], {})).rejects.toThrow('a-labels.idx: expected 2 labels, one a picture, got 1');
  });
});
