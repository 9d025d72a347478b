/** Sets of series to train on: from files of every kind to one array and one list of classes. */
import { describe, expect, test } from 'vitest';
import type { SeriesSetOptions } from '../../../src/data/series-sets/open.js';
import { shared } from '../../helpers/shared.js';
import { files, open, refused, write } from './opened.js';

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
    ['Parquet', files.parquet, 1, pairs, [0, 1, -1], ['no', 'yes']],
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
