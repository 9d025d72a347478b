/** Sets of series to train on: from files of every kind to one array and one list of classes, and what is wrong with them. */
import { describe, expect, test } from 'vitest';
import { openSeriesSets, type SeriesSetOptions, type SeriesSources } from '../../src/data/series-sets/open.js';
import { readTrainingStandardise, scaled, type TrainingStandardise } from '../../src/data/series-sets/scaling.js';
import { UserError } from '../../src/errors.js';
import type { Dimension, Graph } from '../../src/ir/types.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, type Tensor, tensor } from '../../src/tensor/tensor.js';
import { shared } from '../helpers/shared.js';
import { graphWith, temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();

const floats = (shape: readonly number[], values: readonly number[]): Tensor =>
  float32(shape, Float32Array.from(values));
const npy = (name: string, shape: readonly number[], values: readonly number[]): string =>
  write(name, encodeNpy(floats(shape, values)));
const npz = (name: string, arrays: Readonly<Record<string, Tensor>>): string =>
  write(name, encodeNpz(new Map(Object.entries(arrays))));

const head = '@classLabel true b a\n@data\n';
const files = {
  ts: write('s.ts', `${head}0,1,2:10,11,12:a\n3,4:13,14:b\n5,6,7:15,16,17:?\n`),
  unlabelledTs: write('u.ts', '@classLabel false\n@data\n1,2,3:4,5,6\n'),
  longTs: write('long.ts', `${head}1,2,3,4:5,6,7,8:b\n1:2:a\n`),
  tsv: write('s.tsv', '1\t0\t2\t4\n2\t-2\t0\t2\n1\t1\t1\t1\nNaN\t9\t9\t9\n'),
  shortTsv: write('short.tsv', '1\t1\t2\n2\t3\t4\n'),
  longTsv: write('long.tsv', '1\t1\t2\t3\t4\n'),
  firstTsv: write('first.tsv', '1\t1\t2\t3\n'),
  otherTsv: write('other.tsv', '1\t1\t2\t3\n3\t1\t2\t3\n'),
  blankTsv: write('blank.tsv', 'NaN\t1\t2\t3\n'),
  arff: write(
    's.arff',
    '@relation r\n@attribute v1 numeric\n@attribute v2 numeric\n@attribute class {up,down}\n@data\n1,2,down\n3,4,up\n5,6,?\n',
  ),
  relational: write(
    'm.arff',
    "@relation r\n@attribute r relational\n@attribute a numeric\n@attribute b numeric\n@end r\n@attribute class {up,down}\n@data\n'1,2\\n3,4',down\n'5,6\\n7,8',up\n",
  ),
  csv: write('s.csv', 'a,b,c,label\n1,2,3.5,no\n4,5,6,yes\n7,8,9,\n'),
  moreCsv: write('more.csv', 'a,b,c,label\n1,0,0,no\n0,1,0,yes\n0,0,1,\n'),
  bareCsv: write('bare.csv', 'a,b,c\n0,1,0\n'),
  jsonl: write('s.jsonl', '{"x": [1, 2], "y": "no"}\n{"x": [3, 4], "y": "yes"}\n{"x": [5, 6], "y": null}\n'),
  ucr: npy('ucr.npy', [3, 3], [-1, 1, 2, 1, 3, 4, Number.NaN, 5, 6]),
  npz: npz('s.npz', { x: floats([3, 1, 2], [1, 2, 3, 4, 5, 6]), y: floats([3], [7, 3, Number.NaN]) }),
  marked: npz('marked.npz', {
    series: floats([3, 2], [1, 2, 3, 4, 5, 6]),
    labels: tensor('int64', [3], BigInt64Array.from([1n, -1n, 0n])),
  }),
  wide: npz('wide.npz', { x: floats([2, 2, 3], [...Array(12).keys()]), labels: floats([2], [0, 1]) }),
  lengths: npz('lengths.npz', {
    x: floats([2, 1, 3], [1, 2, 3, 4, 5, 6]),
    y: floats([2], [0, 1]),
    lengths: tensor('int64', [2], BigInt64Array.from([3n, 1n])),
  }),
  ends: npz('ends.npz', { x: floats([2, 3], [1, 2, Number.NaN, 4, 5, 6]), y: floats([2], [0, 1]) }),
  pair: [npy('x.npy', [2, 2], [1, 2, 3, 4]), npy('y.npy', [2], [0, 1])],
  named: [npy('data.npy', [2, 2], [1, 2, 3, 4]), npy('answers.npy', [2], [5, 6])],
  plain: npy('plain.npy', [3, 2], [1, 2, 3, 4, 5, 6]),
  sidecar: write('labels.csv', 'label\nno\nyes\n?\n'),
};

const open = (
  training: string | readonly string[],
  options: SeriesSetOptions = {},
  more: Partial<SeriesSources> = {},
  graph?: Graph,
) => openSeriesSets({ training: [training].flat(), ...more }, options, graph);

describe('files of each kind', () => {
  type Row = [string, string | string[], number, number[], number[], string[], SeriesSetOptions?];
  const pairs = [1, 2, 3, 4, 5, 6];
  test.each<Row>([
    [
      '.ts of unequal lengths, zeros after',
      files.ts,
      2,
      [0, 1, 2, 10, 11, 12, 3, 4, 0, 13, 14, 0, 5, 6, 7, 15, 16, 17],
      [1, 0, -1],
      ['b', 'a'],
    ],
    ['.tsv', files.tsv, 1, [0, 2, 4, -2, 0, 2, 1, 1, 1, 9, 9, 9], [0, 1, 0, -1], ['1', '2']],
    ['an ARFF table', files.arff, 1, pairs, [1, 0, -1], ['up', 'down']],
    ['ARFF series', files.relational, 2, [1, 2, 3, 4, 5, 6, 7, 8], [1, 0], ['up', 'down']],
    ['CSV', files.csv, 1, [1, 2, 3.5, 4, 5, 6, 7, 8, 9], [0, 1, -1], ['no', 'yes']],
    ['columns of CSV', files.csv, 1, [3.5, 1, 6, 4, 9, 7], [0, 1, -1], ['no', 'yes'], { columns: ['c', 'a'] }],
    ['JSON lines', files.jsonl, 1, pairs, [0, 1, -1], ['no', 'yes']],
    ['UCR rows', files.ucr, 1, pairs, [0, 1, -1], ['-1', '1'], { kind: 'ucr' }],
    ['.npz', files.npz, 1, pairs, [1, 0, -1], ['3', '7']],
    ['.npz with -1 for no label', files.marked, 1, pairs, [1, -1, 0], ['0', '1'], { noLabel: -1 }],
    ['.npy beside its labels', files.pair, 1, [1, 2, 3, 4], [0, 1], ['0', '1']],
    ['.npy with labels of another name', files.named, 1, [1, 2, 3, 4], [0, 1], ['5', '6'], { label: 'answers' }],
    ['.npy with a file of labels', files.plain, 1, pairs, [0, 1, -1], ['no', 'yes'], { labels: files.sidecar }],
    ['rank 3', files.wide, 2, [...Array(12).keys()], [0, 1], ['0', '1']],
    [
      'rank 3, steps first',
      files.wide,
      3,
      [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11],
      [0, 1],
      ['0', '1'],
      { stepsFirst: true },
    ],
    ['classes in a given order', files.npz, 1, pairs, [0, 1, -1], ['7', '3'], { classes: [7, 3] }],
  ])('%s', async (_, path, channels, values, labels, classes, options) => {
    const { training, classes: names, warnings } = await open(path, options);
    const { count, length } = training;
    expect([training.channels, [...training.values], [...training.labels], names, warnings]).toEqual([
      channels,
      values,
      labels,
      classes,
      [],
    ]);
    expect(count * channels * length).toBe(values.length);
  });

  test.each([
    ['.ts', files.ts, [3, 2, 3]],
    ['an array of lengths', files.lengths, [3, 1]],
    ['NaN at the end of an array', files.ends, [2, 3]],
    ['all of one length', files.tsv, undefined],
  ])('lengths: %s', async (_, path, lengths) => {
    const { training } = await open(path);
    expect(training.lengths && [...training.lengths]).toEqual(lengths);
    const { values, length } = training;
    for (const [row, filled] of (lengths ?? []).entries())
      expect(
        values.subarray(row * training.channels * length + filled, (row * training.channels + 1) * length),
      ).toEqual(new Float32Array(length - filled));
  });

  test('more files: labelled, partly labelled and unlabelled ones make one set, and say where they come from', async () => {
    const { training } = await open([files.csv, files.moreCsv], {}, { unlabelled: [files.bareCsv, files.csv] });
    expect([...training.labels]).toEqual([0, 1, -1, 0, 1, -1, -1, -1, -1, -1]);
    expect([...training.values.subarray(18, 21)]).toEqual([0, 1, 0]);
    expect(training.provenance.files.map(({ path }) => path)).toEqual([files.csv, files.moreCsv, files.bareCsv]);
    expect(training.provenance.files[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(training.provenance.description).toBe(
      "CSV: 3 rows of 3 columns and the label in 'label'; CSV: 1 rows of 3 columns; labels no, yes are the classes 0 to 1, sorted; 10 series of 1 x 3 values, 4 of them labelled",
    );
  });

  test('a file without the label column that is named is unlabelled', async () => {
    const { training } = await open(files.csv, { label: 'label' }, { unlabelled: [files.bareCsv] });
    expect([...training.labels]).toEqual([0, 1, -1, -1]);
  });

  test('a descriptor says how its files are read', async () => {
    const path = write('d.yaml', 'kind: ucr\nfiles: ucr.npy\nclasses: [1, -1]\nstandardise: z:1,2\n');
    const { training, classes, scaling } = await open(path);
    expect([[...training.labels], classes, scaling]).toEqual([
      [1, 0, -1],
      ['1', '-1'],
      { kind: 'z', by: [{ offset: 1, divisor: 2 }] },
    ]);
  });
});

describe('validation and test', () => {
  test('share the classes and the shape; series without a label are left out, and that is said', async () => {
    const sets = await open(files.longTs, {}, { validation: [files.ts], test: [files.longTs] });
    expect(sets.validation).toMatchObject({ count: 2, channels: 2, length: 4 });
    expect([[...sets.validation!.labels], [...sets.validation!.lengths!]]).toEqual([
      [1, 0],
      [3, 2],
    ]);
    expect([...sets.validation!.values.subarray(0, 8)]).toEqual([0, 1, 2, 0, 10, 11, 12, 0]);
    expect(sets.warnings).toEqual([
      '1 of 3 validation series have no label: left out',
      `the test set holds ${files.longTs}, which is trained on: its figures say nothing of other series`,
    ]);
  });

  test('a class that is missing is a warning', async () => {
    const { warnings } = await open(files.tsv, {}, { validation: [files.firstTsv] });
    expect(warnings).toEqual([
      "no validation series is labelled '2': left out of the AUC, which is then of the other classes",
    ]);
  });

  test('a class that is declared, and has no training series, is a warning', async () => {
    const path = write('declared.ts', '@classLabel true a b c\n@data\n1,2:a\n3,4:b\n');
    expect((await open(path)).warnings).toEqual([
      "no training series is labelled 'c': the model cannot learn this class",
    ]);
  });

  test.each<[string, string, SeriesSetOptions, number[], number[] | undefined]>([
    ['longer ones are cut', files.longTsv, { cutSeries: true }, [1, 2, 3], undefined],
    ['shorter ones are filled up', files.shortTsv, { padSeries: true }, [1, 2, 0, 3, 4, 0], [2, 2]],
  ])('%s when asked', async (_, path, options, values, lengths) => {
    const sets = await open(files.tsv, options, { test: [path] });
    expect([[...sets.test!.values], sets.test!.lengths && [...sets.test!.lengths]]).toEqual([values, lengths]);
  });
});

describe('the input of a model', () => {
  const model = (...shape: Dimension[]): Graph => graphWith(['x', 'float32', ['N', ...shape]]);
  test.each<[string, Graph, string, number, number[] | undefined, boolean, SeriesSetOptions?]>([
    ['of that length', model(1, 3), files.tsv, 3, undefined, false],
    ['of any length', model(1, 'L'), files.tsv, 3, undefined, false],
    ['longer: zeros after', model(1, 5), files.tsv, 5, [3, 3, 3, 3], false],
    ['shorter, when asked to cut', model(1, 2), files.tsv, 2, undefined, false, { cutSeries: true }],
    ['steps first', model('L', 2), files.ts, 3, [3, 2, 3], true],
    ['flat', model(3), files.tsv, 3, undefined, false],
  ])('%s', async (_, graph, path, length, lengths, stepsFirst, options) => {
    const { training, layout } = await open(path, options, {}, graph);
    expect([training.length, training.lengths && [...training.lengths], layout?.stepsFirst]).toEqual([
      length,
      lengths,
      stepsFirst,
    ]);
  });

  test('unequal test series may fill it', async () => {
    const sets = await open(files.ts, {}, { test: [files.longTs] }, model(2, 4));
    expect([[...sets.training.lengths!], sets.test!.lengths && [...sets.test!.lengths]]).toEqual([
      [3, 2, 3],
      [4, 1],
    ]);
  });

  test.each<[string, Graph, string, string]>([
    [
      'other channels',
      model(5, 'L'),
      files.ts,
      "s.ts: expected data of shape [?, 5, ?] for the input 'x', got 2 channels of 3 values; choose other columns or another layout",
    ],
    [
      'longer series',
      model(1, 2),
      files.tsv,
      "s.tsv: expected series of 2 values, as in the input 'x', got 3; cut them with --cut-series",
    ],
    [
      'longer series of unequal length',
      model(2, 2),
      files.ts,
      "s.ts: expected series of at most 2 values, the longest of the input 'x', got 2 to 3; cut them with --cut-series",
    ],
    [
      'several inputs',
      graphWith(['x', 'float32', ['N', 1, 3]], ['m', 'bool', ['N', 3]]),
      files.tsv,
      "model: expected one input, of floats, to feed series, got float32 'x', bool 'm'; choose a classifier of series",
    ],
  ])('refuses %s', async (_, graph, path, message) => {
    await refused(open(path, {}, {}, graph), message);
  });
});

/** The whole message, without the folder of the files. */
async function refused(opened: Promise<unknown>, message: string): Promise<void> {
  const error = await opened.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message.replaceAll(`${folder}/`, '')).toBe(message);
}

describe('refuses', () => {
  const broken = (name: string, value: number): string => {
    const values = [...Array(12).keys()];
    values[9] = value;
    return npz(name, { x: floats([2, 2, 3], values), y: floats([2], [0, 1]) });
  };
  type Row = [string, string | readonly string[], string, SeriesSetOptions?, Partial<SeriesSources>?];
  test.each<Row>([
    [
      'one class only',
      files.firstTsv,
      "first.tsv: expected series of at least two classes, got '1' alone; give series of other classes",
    ],
    [
      'no labels at all',
      files.plain,
      'plain.npy: expected labelled series, got none with a label; say which column holds the labels (--label-column), or what the files are (--kind)',
    ],
    [
      'no labels in the validation set',
      files.tsv,
      'blank.tsv: expected labelled series for validation, got 1 without a label; give labelled ones',
      {},
      { validation: [files.blankTsv] },
    ],
    [
      'a label that the training set does not know',
      files.tsv,
      "other.tsv: expected one of the classes of the training set (1, 2), got '3' for series 1; mend the label or add the class there",
      {},
      { test: [files.otherTsv] },
    ],
    [
      'a label that is not among those given',
      files.tsv,
      "s.tsv: expected one of the classes of --classes (2, 3), got '1' for series 0; mend the label or add the class there",
      { classes: [2, 3] },
    ],
    [
      'NaN inside an array',
      broken('nan.npz', Number.NaN),
      "nan.npz: 'x': expected numbers that float32 can hold, got NaN in series 1, channel 1, step 0; mend it or leave the series out",
    ],
    [
      'infinite values',
      broken('infinite.npz', Number.NEGATIVE_INFINITY),
      "infinite.npz: 'x': expected numbers that float32 can hold, got -Infinity in series 1, channel 1, step 0; mend it or leave the series out",
    ],
    [
      'NaN in text',
      write('nan.ts', `${head}1,2:3,?:a\n1,2:3,4:b\n`),
      "nan.ts:3: dimension 2, value 2: expected a number, got '?'; fill it in, or say what stands in with --missing",
    ],
    [
      'a series of NaN',
      npz('void.npz', { x: floats([2, 2], [1, 2, Number.NaN, Number.NaN]), y: floats([2], [0, 1]) }),
      "void.npz: 'x': expected from 1 to 2 values in series 1, got 0; leave it out",
    ],
    [
      'other channels in another file',
      files.tsv,
      'u.ts: expected 1 channel, as in s.tsv, got 2; give series of the same channels',
      {},
      { unlabelled: [files.unlabelledTs] },
    ],
    [
      'other channels in another set',
      files.tsv,
      's.ts: expected 1 channel, as in the training set, got 2; give series of the same channels',
      {},
      { test: [files.ts] },
    ],
    [
      'another length in another file',
      [files.tsv, files.shortTsv],
      'short.tsv: expected series of 3 values, as in s.tsv, got 2; fill shorter ones up with zeros by --pad-series',
    ],
    [
      'shorter series in another set',
      files.tsv,
      'short.tsv: expected series of 3 values, as in the training set, got 2; fill shorter ones up with zeros by --pad-series',
      {},
      { validation: [files.shortTsv] },
    ],
    [
      'longer series in another set',
      files.tsv,
      'long.tsv: expected series of 3 values, as in the training set, got 4; cut them with --cut-series',
      {},
      { test: [files.longTsv] },
    ],
    [
      'longer series of unequal length in another set',
      files.ts,
      'long.ts: expected series of at most 3 values, the longest of the training set, got 1 to 4; cut them with --cut-series',
      {},
      { test: [files.longTs] },
    ],
    [
      'an empty array',
      npz('empty.npz', { x: floats([0, 2], []), y: floats([0], []) }),
      "empty.npz: 'x': expected series, got none; the array is empty along its first axis",
    ],
    [
      'an empty set of unlabelled series',
      files.tsv,
      "nothing.npy: 'nothing': expected series, got none; the array is empty along its first axis",
      {},
      { unlabelled: [npy('nothing.npy', [0, 3], [])] },
    ],
    [
      'too few labels',
      npz('few.npz', { x: floats([3, 2], [1, 2, 3, 4, 5, 6]), y: floats([2], [0, 1]) }),
      'few.npz: expected 3 labels, one a series, got 2; give one a series',
    ],
    [
      'labels of several numbers',
      npz('hot.npz', { x: floats([2, 2], [1, 2, 3, 4]), y: floats([2, 1, 2], [0, 1, 1, 0]) }),
      "hot.npz: 'y': expected one number a series, got more; give one a series",
    ],
    [
      'more axes',
      npz('deep.npz', { x: floats([1, 1, 2, 2], [1, 2, 3, 4]), y: floats([1], [0]) }),
      "deep.npz: 'x': expected shape [series, channels, length], got [1, 1, 2, 2]; reshape the array",
    ],
    [
      'text',
      write('t.txt', 'words'),
      't.txt: expected series, got text; give .ts, .tsv, .arff, .csv, .npy or .npz files',
    ],
    [
      'preprocessing of pictures',
      write('p.yaml', 'kind: tsv\nfiles: s.tsv\npreprocess: {scale: 0.5}\n'),
      'p.yaml: expected series to be scaled by their own figures alone, got preprocessing; leave it out and use --standardise',
    ],
    [
      'a file of figures with other channels',
      files.tsv,
      's.ts: expected 1 channel, as in the training set, got 2; give series of the same channels',
      { standardise: { kind: 'z', over: { file: files.ts } } },
    ],
  ])('%s', async (_, training, message, options, more) => {
    await refused(open(training, options, more), message);
  });
});

describe('scaling', () => {
  const half = Math.sqrt(8 / 3);
  test.each<[string, string, TrainingStandardise, number[]]>([
    [
      'min-max of each; a constant one is 0',
      files.tsv,
      { kind: 'min-max', over: 'each' },
      [0, 0.5, 1, 0, 0.5, 1, 0, 0, 0],
    ],
    ['z of each', files.tsv, { kind: 'z', over: 'each' }, [-2 / half, 0, 2 / half, -2 / half, 0, 2 / half, 0, 0, 0]],
    ['two numbers', files.tsv, { kind: 'z', over: { numbers: [1, 2] } }, [-0.5, 0.5, 1.5, -1.5, -0.5, 0.5, 0, 0, 0]],
    [
      'the range of the training series, unlabelled ones too',
      files.tsv,
      { kind: 'min-max', over: 'training' },
      [2, 4, 6, 0, 2, 4, 3, 3, 3].map((v) => v / 11),
    ],
    [
      'the range of a file',
      files.tsv,
      { kind: 'min-max', over: { file: files.otherTsv } },
      [-0.5, 0.5, 1.5, -1.5, -0.5, 0.5, 0, 0, 0],
    ],
    [
      'each channel by its own steps, zeros after stay',
      files.ts,
      { kind: 'min-max', over: 'training' },
      [
        [0, 1, 2, 0, 1, 2],
        [3, 4, 0, 3, 4, 0],
        [5, 6, 7, 5, 6, 7],
      ]
        .flat()
        .map((v) => v / 7),
    ],
  ])('%s', async (_, path, standardise, expected) => {
    const { training, scaling } = await open(path, { standardise });
    const result = scaled(training, scaling!);
    expect([...result.values.subarray(0, expected.length)]).toEqual([...Float32Array.from(expected)]);
    expect(result.labels).toBe(training.labels);
  });

  test('the figures are those of the population of all steps', async () => {
    const { scaling } = await open(files.shortTsv, { standardise: { kind: 'z', over: 'training' } });
    expect(scaling).toEqual({ kind: 'z', by: [{ offset: 2.5, divisor: Math.sqrt(1.25) }] });
  });

  test.each([
    ['z:training', { kind: 'z', over: 'training' }],
    ['z', { kind: 'z', over: 'each' }],
    ['min-max:./training', { kind: 'min-max', over: { file: './training' } }],
    ['none', undefined],
  ])('%s', (text, expected) => {
    expect(readTrainingStandardise(text)).toEqual(expected);
  });
});

describe('files of the archives', () => {
  const folderOf = (path: string) => shared(`data/${path}`);
  const archive = folderOf('ts-format');
  const ucr = folderOf('ucr');

  test.skipIf(!archive)('BasicMotions: 40 and 40 series of 6 channels', async () => {
    const sets = await open(`${archive}/BasicMotions_TRAIN.ts`, {}, { test: [`${archive}/BasicMotions_TEST.ts`] });
    expect(sets.training).toMatchObject({ count: 40, channels: 6, length: 100 });
    expect(sets.test).toMatchObject({ count: 40, channels: 6, length: 100 });
    expect(sets.classes).toEqual(['Standing', 'Running', 'Walking', 'Badminton']);
    expect(sets.warnings).toEqual([]);
  });

  test.skipIf(!archive)('JapaneseVowels: a test series is longer than all of the training set', async () => {
    const [train, tested] = [`${archive}/JapaneseVowels_TRAIN.ts`, `${archive}/JapaneseVowels_TEST.ts`];
    await refused(
      open(train, {}, { test: [tested] }),
      `${tested}: expected series of at most 26 values, the longest of the training set, got 7 to 29; cut them with --cut-series`,
    );
    const sets = await open(train, { cutSeries: true }, { test: [tested] });
    expect(sets.training).toMatchObject({ count: 270, channels: 12, length: 26 });
    expect(sets.test).toMatchObject({ count: 370, channels: 12, length: 26 });
    expect(Math.min(...sets.training.lengths!)).toBe(7);
    expect(Math.max(...sets.test!.lengths!)).toBe(26);
  });

  test.skipIf(!ucr)('Crop: 24 classes, named from 1 on', async () => {
    const at = (part: string) => `${ucr}/Crop/Crop_${part}.npy`;
    const sets = await open(at('TRAIN'), { kind: 'ucr' }, { validation: [at('VALIDATION')] });
    expect(sets.training).toMatchObject({ count: 4607, channels: 1, length: 46 });
    expect(sets.validation).toMatchObject({ count: 1152, channels: 1, length: 46 });
    expect([sets.classes.length, sets.classes[0], sets.classes[23]]).toEqual([24, '1', '24']);
    expect(sets.warnings).toEqual([]);
  });
});
