/** Several inputs: pictures, arrays and tables side by side, row by row. */
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, tensor } from '../../src/tensor/tensor.js';
import { graphWith, type InputSpec, temporaryFolder } from './models.js';
import { png } from './pictures.js';

const { write } = temporaryFolder();
for (const [name, grey] of [
  ['1', 10],
  ['2', 20],
  ['3', 30],
] as const)
  write(`photos/${name}.png`, png(1, 1, 1, [grey]));
const numbers = (values: readonly number[]) => float32([values.length, 1], Float32Array.from(values));
write(
  'extra.npz',
  encodeNpz(
    new Map([
      ['depth', numbers([1, 2, 3])],
      ['width', numbers([4, 5, 6])],
    ]),
  ),
);
write('table.csv', 'age,height,label\n30,1.5,b\n40,1.75,a\n50,2,b\n');
write('short.npz', encodeNpz(new Map([['depth', numbers([1, 2])]])));

const photo: InputSpec = ['photo', 'float32', ['N', 1, 1, 1]];
const depth: InputSpec = ['depth', 'float32', ['N', 1]];
const size: InputSpec = ['size', 'float32', ['N', 1]];
const features: InputSpec = ['features', 'float32', ['N', 2]];

async function fed(inputs: readonly InputSpec[], yaml: string): Promise<Record<string, unknown>> {
  const samples = await openSamples(graphWith(...inputs), [write('set.yaml', yaml)]);
  const feeds = [...samples.batch(0, samples.count)].map(([{ name }, array]) => [name, [...floatsOf(array)]]);
  return { ...Object.fromEntries(feeds), ...(samples.labels && { labels: [...samples.labels] }) };
}

describe('mixed data', () => {
  test.each<[string, InputSpec[], string, Record<string, unknown>]>([
    [
      'pictures and an array: only the pictures are preprocessed',
      [photo, depth],
      'kind: mixed\nfiles: [photos/*.png, extra.npz]\nmap: {photo: image}\npreprocess: {scale: 0.5}\n',
      { photo: [5, 10, 15], depth: [1, 2, 3] },
    ],
    [
      'preprocessing for the inputs that it names',
      [photo, depth],
      'kind: mixed\nfiles: [photos/*.png, extra.npz]\nmap: {photo: image}\npreprocess: {scale: 2, inputs: [photo, depth]}\n',
      { photo: [20, 40, 60], depth: [2, 4, 6] },
    ],
    [
      'arrays by the map',
      [depth, size],
      'kind: arrays\nfiles: extra.npz\nmap: {depth: width, size: depth}\n',
      { depth: [4, 5, 6], size: [1, 2, 3] },
    ],
    [
      'pictures and a table with its features and labels',
      [photo, features],
      'kind: mixed\nfiles: [photos/*.png, table.csv]\nmap: {photo: image, features: "age,height"}\npreprocess: {scale: 1}\n',
      { photo: [10, 20, 30], features: [30, 1.5, 40, 1.75, 50, 2], labels: [1, 0, 1] },
    ],
  ])('%s', async (_, inputs, yaml, expected) => {
    expect(await fed(inputs, yaml)).toEqual(expected);
  });

  test.each<[string, InputSpec[], string, string | RegExp]>([
    [
      'counts that differ',
      [photo, depth],
      'kind: mixed\nfiles: [photos/*.png, short.npz]\nmap: {photo: image}\npreprocess: {scale: 1}\n',
      "expected as many samples for 'depth' as for 'photo' (3), got 2",
    ],
    [
      'a name in two files',
      [photo, depth],
      'kind: mixed\nfiles: [photos/*.png, extra.npz, image.npz]\npreprocess: {scale: 1}\n',
      "two files hold a column 'image'; name each once",
    ],
    [
      'an input that nothing feeds',
      [photo, depth, size, features],
      'kind: mixed\nfiles: [photos/*.png, extra.npz]\nmap: {photo: image}\npreprocess: {scale: 1}\n',
      /expected columns for 'size', 'features', got 'image', 'depth', 'width'; name the columns after the inputs, or say which feeds which \(--map INPUT=COLUMN\)/,
    ],
  ])('is refused with %s', async (_, inputs, yaml, message) => {
    write('image.npz', encodeNpz(new Map([['image', tensor('uint8', [3], new Uint8Array(3))]])));
    await expect(fed(inputs, yaml)).rejects.toThrow(message);
  });
});
