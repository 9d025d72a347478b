/** What is wrong with sets of series: each message whole. */
import { describe, test } from 'vitest';
import type { SeriesSetOptions, SeriesSources } from '../../../src/data/series-sets/open.js';
import { files, floats, head, npy, npz, open, refused, write } from './opened.js';

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
