import { describe, expect, test } from 'vitest';
import { readArrays } from '../../src/data/arrays.js';
import { openSamples, type SampleOptions } from '../../src/data/open.js';
import { rowsOf } from '../../src/data/rows.js';
import { encode, floatsOf } from '../../src/tensor/convert.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { dataTypes, sizeOf } from '../../src/tensor/dtype.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { dataOf, float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { graphWith, type InputSpec, temporaryFolder } from './models.js';

const { write } = temporaryFolder();
const image: InputSpec = ['image', 'float32', ['N', 3, 4]];
const counting = (dtype: DataType, ...shape: number[]): Tensor =>
  tensor(
    dtype,
    shape,
    new dataTypes[dtype].array((sizeOf(shape) * dataTypes[dtype].bits) / 8 / dataTypes[dtype].array.BYTES_PER_ELEMENT),
  );
const pixels = float32(
  [2, 3, 4],
  Float32Array.from({ length: 24 }, (_, i) => i),
);

let written = 0;
const open = (inputs: InputSpec[], arrays: Record<string, Tensor>, options: SampleOptions = {}) =>
  openSamples(graphWith(...inputs), [write(`${written++}.npz`, encodeNpz(new Map(Object.entries(arrays))))], options);
/** Every input with the numbers it is fed for all samples. */
const fed = async (inputs: InputSpec[], arrays: Record<string, Tensor>, map = {}) => {
  const samples = await open(inputs, arrays, { map });
  return [...samples.batch(0, samples.count)].map(([{ name }, array]) => `${name} <- ${floatsOf(array).join(' ')}`);
};
const filled = (value: number, ...shape: number[]): Tensor =>
  float32(shape, new Float32Array(sizeOf(shape)).fill(value));

describe('arrays as samples', () => {
  const mask: InputSpec = ['mask', 'float32', ['N']];
  const vector: InputSpec = ['x', 'float32', ['N', 2]];
  test.each<[string, InputSpec[], Record<string, Tensor>, Record<string, string>, string[]]>([
    ['by name', [vector], { other: filled(1, 1, 2), x: filled(2, 1, 2) }, {}, ['x <- 2 2']],
    ['the only one by position', [vector], { z: filled(3, 1, 2), labels: int64([1], [1]) }, {}, ['x <- 3 3']],
    ['as mapped', [vector], { x: filled(1, 1, 2), z: filled(2, 1, 2) }, { x: 'z' }, ['x <- 2 2']],
    ['the one left over', [vector, mask], { mask: filled(1, 1), z: filled(2, 1, 2) }, {}, ['mask <- 1', 'x <- 2 2']],
  ])('feed inputs %s', async (_, inputs, arrays, map, expected) => {
    expect(await fed(inputs, arrays, map)).toEqual(expected);
  });

  test.each<[string, DataType, number]>([
    ['float32', 'float32', 7],
    ['float64', 'float64', 7],
    ['float16', 'float16', 7],
  ])('NaN in %s is told with its place', async (_, dtype, at) => {
    const values = Float32Array.from({ length: 12 }, (_, i) => (i === at ? Number.NaN : i));
    const samples = await open([['x', 'float32', ['N', 2, 2]]], { x: tensor(dtype, [3, 2, 2], encode(dtype, values)) });
    expect(samples.batch(0, 1).size).toBe(1);
    expect(() => samples.batch(1, 3)).toThrow(
      /\d+\.npz: 'x': expected numbers, got NaN in sample 1 at \[1, 1\]; fill it in or leave the sample out$/,
    );
  });

  test('infinities are fed: masks are made of them', async () => {
    expect(await fed([vector], { x: filled(Number.NEGATIVE_INFINITY, 1, 2) })).toEqual(['x <- -Infinity -Infinity']);
  });

  test('labels lie beside, unless the model takes them', async () => {
    const labelsOf = async (inputs: InputSpec[], arrays: Record<string, Tensor>) => (await open(inputs, arrays)).labels;
    expect(await labelsOf([image], { image: pixels, y: int64([2], [3, 0]) })).toEqual(Int32Array.of(3, 0));
    const targets = { image: pixels, target: float32([2, 1], Float32Array.of(1, 2)) };
    expect(await labelsOf([image], targets)).toEqual(Int32Array.of(1, 2));
    const taken = { image: pixels, y: int64([2], [3, 0]) };
    expect(await labelsOf([image, ['y', 'int64', ['N']]], taken)).toBeUndefined();
  });

  test('floats are rounded to the input’s type, integers retyped', async () => {
    const half = await open([['x', 'float16', ['N', 1]]], { x: float32([1, 1], Float32Array.of(1)) });
    expect([...half.batch(0, 1).values()]).toMatchObject([{ dtype: 'float16', shape: [1, 1] }]);
    const ids = await open([['x', 'int32', ['N']]], { x: int64([2], [7, -1]) });
    expect([...ids.batch(0, 2).values()].map(dataOf)).toEqual([Int32Array.of(7, -1)]);
  });

  test.each<[string, InputSpec[], Record<string, Tensor>, Record<string, string>, string]>([
    [
      'missing input',
      [image, mask],
      { x: pixels },
      {},
      "a.npz: expected arrays for 'image', 'mask', got 'x'; name the arrays after the inputs, or say which feeds which (--map INPUT=ARRAY)",
    ],
    [
      'several to choose from',
      [image],
      { a: pixels, b: pixels },
      {},
      "a.npz: expected arrays for 'image', got 'a', 'b'; name the arrays after the inputs, or say which feeds which (--map INPUT=ARRAY)",
    ],
    [
      'axes in another order',
      [image],
      { image: counting('float32', 2, 4, 3) },
      {},
      "a.npz: 'image': expected shape [?, 3, 4], got [2, 4, 3]; transpose its axes",
    ],
    [
      'another shape',
      [image],
      { image: counting('float32', 2, 12) },
      {},
      "a.npz: 'image': expected shape [?, 3, 4], got [2, 12]; reshape it",
    ],
    [
      'a number',
      [image],
      { image: counting('float32') },
      {},
      "a.npz: 'image': expected samples along the first axis, got a single number",
    ],
    [
      'bytes for floats',
      [image],
      { image: counting('uint8', 2, 3, 4) },
      {},
      "a.npz: 'image': expected float32, got uint8; convert it as the model was trained, or say how (--preset, --scale, --mean, --std)",
    ],
    [
      'integers too large',
      [['x', 'int32', ['N']]],
      { x: int64([1], [2 ** 40]) },
      {},
      "a.npz: 'x': expected integers below 2^24, got larger ones; save the array in the type of the input",
    ],
    [
      'unequal counts',
      [image, mask],
      { image: pixels, mask: counting('float32', 3) },
      {},
      "a.npz: expected as many samples for 'mask' as for 'image' (2), got 3",
    ],
    [
      'too few labels',
      [image],
      { image: pixels, labels: int64([1], [0]) },
      {},
      "a.npz: 'labels': expected 2 labels, one a sample, got shape [1]",
    ],
    [
      'labels that are no classes',
      [image],
      { image: pixels, labels: int64([2], [-1, 1]) },
      {},
      "a.npz: 'labels': expected class numbers 0, 1, 2, …, got -1 for sample 0; number the classes from 0, or list the labels with --classes",
    ],
    [
      'a map to no input',
      [image],
      { image: pixels },
      { picture: 'image' },
      "a.npz: the model has no input 'picture'; it has 'image'",
    ],
    ['a map to no array', [image], { image: pixels }, { image: 'x' }, "a.npz: has no array 'x'; it has 'image'"],
  ])('refuse %s', async (_, inputs, arrays, map, message) => {
    const failing = open(inputs, arrays, { map }).then((samples) => samples.batch(0, samples.count));
    await expect(failing).rejects.toThrow(message.replace('a.npz', `${written - 1}.npz`));
  });
});

describe('samples taken', () => {
  const arrays = { x: float32([5, 1], Float32Array.of(0, 1, 2, 3, 4)), y: int64([5], [0, 1, 2, 3, 4]) };
  const take = (options: SampleOptions) => open([['x', 'float32', ['N', 1]]], arrays, options);
  const values = (samples: Awaited<ReturnType<typeof take>>) =>
    [...samples.batch(0, samples.count).values()].flatMap((array) => [...floatsOf(array)]);

  test('are the first, or drawn with their labels', async () => {
    expect(values(await take({ samples: 2 }))).toEqual([0, 1]);
    const drawn = await take({ samples: 3, order: 'random', seed: 1 });
    expect(values(drawn)).toEqual([...drawn.labels!]);
    expect(new Set(values(drawn)).size).toBe(3);
    expect(values(await take({ order: 'random', seed: 1 }))).toEqual([0, 1, 2, 3, 4]);
    await expect(take({ samples: 6 })).rejects.toThrow('expected 6 samples, got 5; ask for fewer');
  });

  test('repeat the last row where a model fixes its batch', () => {
    expect([...floatsOf(rowsOf(arrays.x, 3, 5, 4))]).toEqual([3, 4, 4, 4]);
  });
});

test('readArrays names the array of a .npy file after the file', () => {
  const paths = [
    write('x.npy', encodeNpy(pixels)),
    write('more.npz', encodeNpz(new Map([['labels', int64([2], [0, 1])]]))),
  ];
  expect([...readArrays(paths).keys()]).toEqual(['x', 'labels']);
  expect(() => readArrays([...paths, write('other/x.npy', encodeNpy(pixels))])).toThrow(
    "a second array is named 'x'; name each once",
  );
});
