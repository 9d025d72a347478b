import { describe, expect, test } from 'vitest';
import { matchArrays, readArrays, takeSamples } from '../../src/data/arrays.js';
import { rowsOf } from '../../src/data/rows.js';
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

const picture = () => counting('float32', 2, 3, 4);

const match = (inputs: InputSpec[], arrays: Record<string, Tensor>, map = {}) => {
  const graph = graphWith(...inputs);
  return matchArrays(graph, new Map(Object.entries(arrays)), map, 'a.npz');
};
const matchedNames = (inputs: InputSpec[], arrays: Record<string, Tensor>, map = {}) => {
  const found = match(inputs, arrays, map).inputs;
  const name = (t: Tensor) => Object.entries(arrays).find(([, array]) => array === t)?.[0];
  return [...found].map(([input, t]) => `${input.name} <- ${name(t)}`);
};

describe('matchArrays', () => {
  const mask: InputSpec = ['mask', 'float32', ['N']];
  test.each<[string, InputSpec[], Record<string, Tensor>, Record<string, string>, string[]]>([
    ['by name', [image], { other: picture(), image: picture() }, {}, ['image <- image']],
    ['the only one by position', [image], { x: picture(), labels: int64([2], [0, 1]) }, {}, ['image <- x']],
    ['as mapped', [image], { x: picture(), z: picture() }, { image: 'z' }, ['image <- z']],
    [
      'the one left over',
      [image, mask],
      { mask: counting('float32', 2), x: picture() },
      {},
      ['mask <- mask', 'image <- x'],
    ],
  ])('%s', (_, inputs, arrays, map, expected) => {
    expect(matchedNames(inputs, arrays, map)).toEqual(expected);
  });

  test('labels lie beside, unless the model takes them', () => {
    expect([...match([image], { image: pixels, y: int64([2], [3, 0]) }).labels!]).toEqual([3, 0]);
    expect([...match([image], { image: pixels, target: float32([2, 1], Float32Array.of(1, 2)) }).labels!]).toEqual([
      1, 2,
    ]);
    expect(match([image, ['y', 'int64', ['N']]], { image: pixels, y: int64([2], [3, 0]) }).labels).toBeUndefined();
  });

  test('floats are rounded to the input’s type, integers retyped', () => {
    const half = match([['x', 'float16', ['N', 1]]], { x: float32([1, 1], Float32Array.of(1)) }).inputs;
    expect([...half.values()][0]).toMatchObject({ dtype: 'float16', shape: [1, 1] });
    const ids = match([['x', 'int32', ['N']]], { x: int64([2], [7, -1]) }).inputs;
    expect([...(dataOf([...ids.values()][0]!) as Int32Array)]).toEqual([7, -1]);
  });

  test.each<[string, InputSpec[], Record<string, Tensor>, Record<string, string>, string]>([
    [
      'missing input',
      [image, mask],
      { x: pixels },
      {},
      "a.npz: expected arrays for 'image', 'mask', got 'x'; name the arrays after the inputs",
    ],
    [
      'several to choose from',
      [image],
      { a: pixels, b: pixels },
      {},
      "a.npz: expected arrays for 'image', got 'a', 'b'; name the arrays after the inputs",
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
      "a.npz: 'image': expected float32, got uint8; convert it as the model was trained",
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
      "a.npz: 'labels': expected class numbers 0, 1, 2, …, got -1 for sample 0; number the classes from 0",
    ],
    [
      'a map to no input',
      [image],
      { image: pixels },
      { picture: 'image' },
      "a.npz: the model has no input 'picture'; it has 'image'",
    ],
    ['a map to no array', [image], { image: pixels }, { image: 'x' }, "a.npz: has no array 'x'; it has 'image'"],
  ])('refuses %s', (_, inputs, arrays, map, message) => {
    expect(() => match(inputs, arrays, map)).toThrow(message);
  });
});

describe('takeSamples', () => {
  const five = match([['x', 'int64', ['N', 1]]], { x: int64([5, 1], [0, 1, 2, 3, 4]), y: int64([5], [0, 1, 2, 3, 4]) });
  const values = ({ inputs }: typeof five) => Array.from(dataOf([...inputs.values()][0]!) as BigInt64Array, Number);

  test('takes the first, or draws with their labels', () => {
    expect(values(takeSamples(five, { samples: 2, order: 'first', seed: 0 }, 'a'))).toEqual([0, 1]);
    const drawn = takeSamples(five, { samples: 3, order: 'random', seed: 1 }, 'a');
    expect(values(drawn)).toEqual([...drawn.labels!]);
    expect(new Set(values(drawn)).size).toBe(3);
    expect(takeSamples(five, { order: 'random', seed: 1 }, 'a')).toBe(five);
    expect(() => takeSamples(five, { samples: 6, order: 'first', seed: 0 }, 'a')).toThrow(
      'a: expected 6 samples, got 5; ask for fewer',
    );
  });

  test('rows repeat the last one where a model fixes its batch', () => {
    const [array] = five.inputs.values();
    expect([...(dataOf(rowsOf(array!, 3, 5, 4)) as BigInt64Array)]).toEqual([3n, 4n, 4n, 4n]);
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
