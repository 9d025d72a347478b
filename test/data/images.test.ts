/** Folders of pictures: decoding against Pillow, labels, damaged files. */
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSamples, type SampleOptions } from '../../src/data/open.js';
import { isPictures, type Picture } from '../../src/data/reader.js';
import { images } from '../../src/data/readers/images.js';
import { graphWith, temporaryFolder } from './models.js';
import {
  bitPixels,
  bitPng,
  cmykJpeg,
  greyJpeg,
  greyJpegPixels,
  jpeg,
  jpegPixels,
  oriented,
  palettePng,
  pixels,
  png,
} from './pictures.js';

const { folder, write } = temporaryFolder();

async function decoded(name: string, content: Uint8Array): Promise<Picture> {
  const { columns } = await images.read([write(name, content)], {});
  const column = columns.get('image')!;
  if (!isPictures(column)) throw new Error('expected pictures');
  return column.picture(0);
}

const greys = [0, 17, 34, 119, 200, 255];
const bytes = [...pixels.keys()].map((i) => (i * 40) % 256);
/** Four samples a pixel: the alpha channel is left out. */
const withAlpha = bytes.flatMap((byte, i) => (i % 3 === 2 ? [byte, 7 * i] : [byte]));

describe('pictures', () => {
  test.each<[string, Uint8Array, Picture['channels'], readonly number[]]>([
    ['a.jpg', jpeg, 3, jpegPixels],
    ['grey.jpeg', greyJpeg, 1, greyJpegPixels],
    ['a.png', png(3, 2, 3, pixels), 3, pixels],
    ['grey.png', png(3, 2, 1, greys), 1, greys],
    ['palette.png', palettePng, 3, pixels],
    ['bits.png', bitPng, 1, bitPixels],
    ['alpha.png', png(3, 2, 4, withAlpha), 3, bytes],
    [
      'grey-alpha.png',
      png(
        3,
        2,
        2,
        greys.flatMap((grey) => [grey, 9]),
      ),
      1,
      greys,
    ],
    [
      'deep.png',
      png(
        3,
        2,
        1,
        greys.map((grey) => grey * 257 + (grey % 2 === 0 ? 128 : -128)),
        16,
      ),
      1,
      greys,
    ],
    ['a JPEG of another name.png', jpeg, 3, jpegPixels],
  ])('%s', async (name, content, channels, expected) => {
    const picture = await decoded(name, content);
    expect(picture).toMatchObject({ height: 2, width: 3, channels });
    expect([...picture.pixels]).toEqual(expected);
  });

  const turned = (order: readonly number[]): number[] => order.flatMap((i) => jpegPixels.slice(3 * i, 3 * i + 3));
  test.each<[number, number, readonly number[]]>([
    [1, 2, [0, 1, 2, 3, 4, 5]],
    [2, 2, [2, 1, 0, 5, 4, 3]],
    [3, 2, [5, 4, 3, 2, 1, 0]],
    [4, 2, [3, 4, 5, 0, 1, 2]],
    [5, 3, [0, 3, 1, 4, 2, 5]],
    [6, 3, [3, 0, 4, 1, 5, 2]],
    [7, 3, [5, 2, 4, 1, 3, 0]],
    [8, 3, [2, 5, 1, 4, 0, 3]],
  ])('EXIF orientation %i is undone', async (orientation, height, order) => {
    const picture = await decoded('turned.jpg', oriented(jpeg, orientation));
    expect([picture.height, ...picture.pixels]).toEqual([height, ...turned(order)]);
  });

  const whole = png(3, 2, 3, pixels);
  const huge = Uint8Array.from(whole);
  huge.set([0, 1, 0, 0, 0, 1, 0, 0], 16);
  const long = Uint8Array.from(whole);
  long[23] = 1;
  const flipped = Uint8Array.from(whole);
  flipped[45] = flipped[45]! ^ 1;
  const wide = Uint8Array.from(jpeg);
  const size = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0) + 5;
  wide.set([0xff, 0xff, 0xff, 0xff], size);
  const hollow = Uint8Array.from(jpeg);
  hollow.set([0x20, 0, 0x20, 0], size);
  const scans = Uint8Array.from([...jpeg, ...Array.from({ length: 100 }, () => [0xff, 0xda]).flat()]);
  test.each<[string, Uint8Array, string | RegExp]>([
    [
      'cut.jpg',
      jpeg.subarray(0, -20),
      'cut.jpg: expected a whole JPEG, got a damaged one: premature end of JPEG file; copy it again or leave it out',
    ],
    ['head.jpg', jpeg.subarray(0, 40), 'head.jpg: expected a whole JPEG, got a damaged one: it has no frame'],
    ['cmyk.jpg', cmykJpeg, 'cmyk.jpg: expected a JPEG in grey or in red, green and blue, got CMYK; convert it to RGB'],
    ['wide.jpg', wide, 'wide.jpg: expected 1 to 100 million pixels, got 65535 x 65535; make it smaller'],
    [
      'hollow.jpg',
      hollow,
      `hollow.jpg: expected a whole JPEG, got a damaged one: ${hollow.length} bytes cannot hold 8192 x 8192 pixels; copy it again or leave it out`,
    ],
    ['scans.jpg', scans, 'scans.jpg: expected at most 100 scans, got 101; save it again, not progressive'],
    ['cut.png', whole.subarray(0, -30), 'cut.png: expected a whole PNG, got a damaged one: it ends too early'],
    ['huge.png', huge, 'huge.png: expected 1 to 100 million pixels, got 65536 x 65536; make it smaller'],
    ['long.png', long, 'long.png: expected a whole PNG, got a damaged one: its data are longer than its size'],
    ['flipped.png', flipped, /flipped.png: expected a whole PNG, got a damaged one: /],
    [
      'a.jpg',
      new TextEncoder().encode('GIF89a----'),
      'a.jpg: expected a JPEG or PNG file, got other content; convert it or leave it out',
    ],
    [
      'empty.png',
      new Uint8Array(0),
      'empty.png: expected a JPEG or PNG file, got an empty one; convert it or leave it out',
    ],
  ])('%s is refused', async (name, content, message) => {
    await expect(decoded(name, content)).rejects.toThrow(message);
  });

  test('are read from a path without a folder', async () => {
    const here = process.cwd();
    process.chdir(dirname(write('beside/1.jpg', jpeg)));
    try {
      expect((await images.read(['1.jpg'], {})).count).toBe(1);
    } finally {
      process.chdir(here);
    }
  });

  test('are read after a damaged one', async () => {
    const files = [write('rows/1.jpg', jpeg.subarray(0, 200)), write('rows/2.jpg', jpeg)];
    const column = (await images.read(files, {})).columns.get('image')!;
    if (!isPictures(column)) throw new Error('expected pictures');
    for (let i = 0; i < 3; i++) expect(() => column.picture(0)).toThrow('1.jpg: expected a whole JPEG');
    expect([...column.picture(1).pixels]).toEqual(jpegPixels);
  });
});

describe('labels', () => {
  const one = png(1, 1, 1, [7]);
  const graph = graphWith(['x', 'float32', ['N', 1, 1, 1]]);
  const open = (path: string, options: SampleOptions = {}) =>
    openSamples(graph, [path], { preprocess: { scale: 1 }, ...options });
  for (const name of ['classes/cat/1.png', 'classes/cat/2.png', 'classes/ant/1.png', 'flat/a.png', 'flat/b.png'])
    write(name, one);

  test('are the sub-folders, sorted', async () => {
    const samples = await open(join(folder, 'classes'));
    expect([...samples.labels!]).toEqual([0, 1, 1]);
    expect(samples.provenance.description).toMatch(/^images: 'x'; 3 JPEG and PNG pictures; .*ant.*cat/);
    expect((await open(join(folder, 'classes/*/*.png'))).labels).toEqual(samples.labels);
    expect([...(await open(join(folder, 'classes'), { classes: ['cat', 'bee', 'ant'] })).labels!]).toEqual([2, 0, 0]);
  });

  test('are none in a folder without', async () => {
    expect((await open(join(folder, 'flat'))).labels).toBeUndefined();
  });

  test('lie in a file beside, or in one that is named', async () => {
    const given = write('elsewhere.csv', 'image,label\nflat/b.png,0\na,3\n');
    expect([...(await open(join(folder, 'flat'), { labels: given })).labels!]).toEqual([3, 0]);
    const beside = write('flat/labels.json', '{"a.png": 2, "b.png": 1}');
    const samples = await open(join(folder, 'flat'));
    expect([...samples.labels!]).toEqual([2, 1]);
    expect(samples.provenance.files.map(({ path }) => path)).toContain(beside);
  });

  test('only the files of the samples taken are in the report', async () => {
    const { provenance } = await open(join(folder, 'classes'), { samples: 1 });
    expect(provenance.files.map(({ path }) => path)).toEqual([join(folder, 'classes/ant/1.png')]);
  });

  test('a damaged picture is named when its batch is read', async () => {
    write('broken/a/1.png', one);
    const path = write('broken/a/2.png', one.subarray(0, 50));
    const samples = await open(join(folder, 'broken'));
    expect(samples.batch(0, 1).size).toBe(1);
    expect(() => samples.batch(0, 2)).toThrow(`${path}: expected a whole PNG, got a damaged one: it ends too early`);
  });
});
