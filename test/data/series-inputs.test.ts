/** Series and tables as inputs of models: layout, padding, scaling, features. */
import { describe, expect, test } from 'vitest';
import { openSamples } from '../../src/data/open.js';
import { readStandardise, scaleCollector } from '../../src/data/preprocess/standardise.js';
import type { SampleOptions } from '../../src/data/settings.js';
import type { Dimension } from '../../src/ir/types.js';
import type { DataType } from '../../src/tensor/dtype.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { dataOf, float32 } from '../../src/tensor/tensor.js';
import { graphWith, type InputSpec, temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();
const series = write('s.ts', '@classLabel true b a\n@data\n0,1,2:10,11,12:a\n3,4:13,14:b\n');
const table = write('t.csv', 'a,b,c,label\n1,2,3.5,no\n4,5,6,yes\n');
const array = write('x.npy', encodeNpy(float32([1, 3], new Float32Array(3))));
const single = write('u.tsv', '7\t0\t2\t4\n7\t-2\t0\t2\n9\t1\t1\t1\n');

/** What each input is fed for all samples, and the sentence about it. */
async function fed(path: string, inputs: readonly InputSpec[], options: SampleOptions = {}) {
  const samples = await openSamples(graphWith(...inputs), [path], options);
  const feeds = [...samples.batch(0, samples.count)].map(([{ name }, array]) => [
    name,
    { dtype: array.dtype, shape: array.shape, values: Array.from(dataOf(array) as Float32Array, Number) },
  ]);
  return { feeds: Object.fromEntries(feeds), samples };
}

const shapeOf = (shape: Dimension[], dtype: DataType = 'float32'): InputSpec[] => [['x', dtype, ['N', ...shape]]];

describe('layout', () => {
  const channelsFirst = [0, 1, 2, 10, 11, 12, 3, 4, 0, 13, 14, 0];
  const stepsFirst = [0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 0, 0];
  test.each<[string, string, Dimension[], number[], number[], SampleOptions?]>([
    ['[channels, length] as read', series, [2, 3], [2, 2, 3], channelsFirst],
    ['open sizes: channels first', series, ['C', 'L'], [2, 2, 3], channelsFirst],
    ['[length, channels]', series, [3, 2], [2, 3, 2], stepsFirst],
    ['[length, channels] of any length', series, ['L', 2], [2, 3, 2], stepsFirst],
    ['a longer input: zeros after', series, [2, 4], [2, 2, 4], [0, 1, 2, 0, 10, 11, 12, 0, 3, 4, 0, 0, 13, 14, 0, 0]],
    ['a shorter one, when asked to cut', series, [2, 2], [2, 2, 2], [0, 1, 10, 11, 3, 4, 13, 14], { cutSeries: true }],
    ['one channel flat', single, [3], [3, 3], [0, 2, 4, -2, 0, 2, 1, 1, 1]],
    ['one channel last', single, [3, 1], [3, 3, 1], [0, 2, 4, -2, 0, 2, 1, 1, 1]],
    ['features', table, [3], [2, 3], [1, 2, 3.5, 4, 5, 6]],
    ['features as a series of one channel', table, [1, 3], [2, 1, 3], [1, 2, 3.5, 4, 5, 6]],
    ['features in another order', table, ['F'], [2, 2], [3.5, 1, 6, 4], { columns: ['c', 'a'] }],
    ['features by the map', table, ['F'], [2, 2], [2, 1, 5, 4], { map: { x: 'b,a' } }],
  ])('%s', async (_, path, input, shape, values, options) => {
    const { feeds } = await fed(path, shapeOf(input), options);
    expect(feeds.x).toEqual({ dtype: 'float32', shape, values });
  });

  test('inputs named after columns take them, lengths and masks too', async () => {
    const inputs: InputSpec[] = [
      ['x', 'float32', ['N', 2, 'L']],
      ['lengths', 'int64', ['N']],
      ['mask', 'bool', ['N', 'L']],
    ];
    expect((await fed(series, inputs)).feeds).toMatchObject({
      lengths: { dtype: 'int64', values: [3, 2] },
      mask: { dtype: 'bool', shape: [2, 3], values: [1, 1, 1, 1, 1, 0] },
    });
    const cells: InputSpec[] = [
      ['a', 'int64', ['N', 1]],
      ['c', 'float32', ['N']],
      ['b', 'float64', ['N', 1]],
    ];
    expect((await fed(table, cells)).feeds).toEqual({
      a: { dtype: 'int64', shape: [2, 1], values: [1, 4] },
      b: { dtype: 'float64', shape: [2, 1], values: [2, 5] },
      c: { dtype: 'float32', shape: [2], values: [3.5, 6] },
    });
  });

  test.each<[string, string, InputSpec[], string, SampleOptions?]>([
    [
      'longer series',
      series,
      shapeOf([2, 2]),
      "s.ts: 'series': expected series of at most 2 values, which the input 'x' has, got 3; cut them with --cut-series",
    ],
    [
      'other channels',
      series,
      shapeOf([5, 'L']),
      "s.ts: 'series': expected data of shape [?, 5, ?] for the input 'x', got 2 channels of 3 values",
    ],
    [
      'other features',
      table,
      shapeOf([4]),
      "t.csv: 'x': expected data of shape [?, 4] for the input 'x', got 3 features",
    ],
    [
      'fractions for integers',
      table,
      shapeOf([3], 'int64'),
      "t.csv: 'x': expected whole numbers that int64 can hold, got 3.5",
    ],
    [
      'a mapped column that is not there',
      table,
      shapeOf([2]),
      "t.csv: expected a column of single numbers named 'z', got none",
      { map: { x: 'a,z' } },
    ],
    [
      'single numbers scaled alone',
      table,
      shapeOf([3]),
      "t.csv: 'x': expected z:FILE or z:NUMBER,NUMBER for single numbers, got z alone",
      { standardise: { kind: 'z', over: 'each' } },
    ],
    [
      'arrays of which nothing is known',
      array,
      shapeOf([3]),
      'x.npy: expected series or a table for --standardise, got others; say what the files are (--kind), or use --scale, --mean and --std',
      { standardise: { kind: 'z', over: 'each' } },
    ],
  ])('refuses %s', async (_, path, inputs, message, options) => {
    await expect(fed(path, inputs, options)).rejects.toThrow(message);
  });
});

describe('scaling', () => {
  const half = Math.sqrt(8 / 3);
  test.each<[string, SampleOptions['standardise'], number[]]>([
    ['min-max of each series; a constant one is 0', { kind: 'min-max', over: 'each' }, [0, 0.5, 1, 0, 0.5, 1, 0, 0, 0]],
    ['z of each', { kind: 'z', over: 'each' }, [-2 / half, 0, 2 / half, -2 / half, 0, 2 / half, 0, 0, 0]],
    ['two numbers', { kind: 'z', over: { numbers: [1, 2] } }, [-0.5, 0.5, 1.5, -1.5, -0.5, 0.5, 0, 0, 0]],
    ['a range', { kind: 'min-max', over: { numbers: [-2, 4] } }, [2, 4, 6, 0, 2, 4, 3, 3, 3].map((v) => v / 6)],
    ['the range of a file', { kind: 'min-max', over: { file: single } }, [2, 4, 6, 0, 2, 4, 3, 3, 3].map((v) => v / 6)],
  ])('%s', async (_, standardise, expected) => {
    const { feeds, samples } = await fed(single, shapeOf([1, 'L']), { standardise });
    expect(feeds.x.values).toEqual([...Float32Array.from(expected)]);
    expect(samples.provenance.description).toMatch(
      /scaled to (\[0, 1\]|mean 0 and deviation 1), (each by itself|by .+);/,
    );
  });

  test('features by those of a file, each by its own; padding stays 0', async () => {
    const train = write('train.csv', 'a,b,c,label\n0,0,0,no\n2,10,4,yes\n');
    const standardise = { kind: 'min-max', over: { file: train } } as const;
    expect((await fed(table, shapeOf([3]), { standardise })).feeds.x.values).toEqual([
      0.5,
      Math.fround(0.2),
      0.875,
      2,
      0.5,
      1.5,
    ]);
    const shifted = { kind: 'z', over: { numbers: [1, 1] } } as const;
    expect((await fed(series, shapeOf([2, 3]), { standardise: shifted })).feeds.x.values.slice(6)).toEqual([
      2, 3, 0, 12, 13, 0,
    ]);
  });

  test.each([
    ['none', undefined],
    ['z', { kind: 'z', over: 'each' }],
    ['min-max:-1,2e1', { kind: 'min-max', over: { numbers: [-1, 20] } }],
    ['z:a,b.csv', { kind: 'z', over: { file: 'a,b.csv' } }],
    ['min-max:2,1', "expected a number and a higher one after 'min-max:', got '2,1'"],
    ['z:0,0', "expected a mean and a deviation above 0 after 'z:', got '0,0'"],
    ['minmax', "expected none, min-max or z, the last two alone or with :FILE or :NUMBER,NUMBER, got 'minmax'"],
  ])('%s', (text, expected) => {
    expect(readStandardise(text)).toEqual(expected);
  });

  test('a deviation far from 0 keeps its digits', () => {
    const collector = scaleCollector('z');
    for (const value of [1e9 + 1, 1e9 + 3]) collector.add(value);
    expect(collector.scale()).toEqual({ offset: 1e9 + 2, divisor: 1 });
  });
});

test('JSON lines are records where the model takes no text', async () => {
  const path = write('j.jsonl', '{"x": [1, 2], "y": 1}\n{"x": [3, 4], "y": 0}\n');
  const { feeds, samples } = await fed(path, shapeOf([2]));
  expect([feeds.x.values, [...samples.labels!]]).toEqual([
    [1, 2, 3, 4],
    [1, 0],
  ]);
});

test('labels become classes in the order that the file declares, or that is given', async () => {
  const { samples } = await fed(series, shapeOf([2, 'L']));
  expect([[...samples.labels!], samples.classes]).toEqual([
    [1, 0],
    ['b', 'a'],
  ]);
  const given = (await fed(series, shapeOf([2, 'L']), { classes: ['a', 'b', 'c'] })).samples;
  expect([[...given.labels!], given.classes]).toEqual([
    [0, 1],
    ['a', 'b', 'c'],
  ]);
  expect(given.provenance.description).toContain('labels a, b, c are the classes 0 to 2, as given');
});

test('a descriptor says the same as the options, its paths from where it lies', async () => {
  const path = write(
    'd.yaml',
    'kind: csv\nfiles: t.csv\nlabel: b\ncolumns: [c]\nclasses: [5, 2]\nstandardise: min-max:t.csv\n',
  );
  const { feeds, samples } = await fed(path, shapeOf([1]));
  expect([feeds.x.values, [...samples.labels!]]).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(samples.provenance.files.map((file) => file.path.replace(`${folder}/`, ''))).toEqual([
    'd.yaml',
    't.csv',
    't.csv',
  ]);
});
