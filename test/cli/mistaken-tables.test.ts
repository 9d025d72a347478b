/** Mistaken tables and series: each command line with its exit code and the whole of its message. */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, test } from 'vitest';
import { check, inMistakeFolder, type Row } from './mistake-check.js';

inMistakeFolder();

beforeAll(() => {
  const files: Readonly<Record<string, string | Buffer>> = {
    'good.csv': 'a,b,c,d,kind\n1,2,3,4,0\n5,6,7,8,0\n',
    'words.csv': 'a,b,c,d,label\n1,2,3,4,0\n1,2,red,4,1\n',
    'holes.csv': 'a,b,c,d,label\n1,,3,4,0\n',
    'ragged.csv': 'a,b,c,d,label\n1,2,3,4,0\n1,2,3,4\n',
    'narrow.csv': 'a,b,label\n1,2,0\n',
    'many.csv': 'a,b,c,d,label\n1,2,3,4,w\n1,2,3,4,x\n1,2,3,4,y\n1,2,3,4,z\n',
    'latin.csv': Buffer.from('a,b,c,d,label\n1,2,3,4,\xe9\n', 'latin1'),
    'open.csv': 'a,b,c,d,label\n1,2,3,"4,0\n',
    'stamps.ts': '@timeStamps true\n@data\n(0,1):a\n',
    'lies.ts': '@univariate true\n@equalLength true\n@seriesLength 5\n@classLabel true a b\n@data\n1,2,3,4:a\n',
    'long.ts': '@univariate true\n@classLabel true a b\n@data\n1,2,3,4,5:a\n',
    'date.arff': '@relation r\n@attribute when date\n@data\n1\n',
    'header.tsv': 'label\ta\tb\n1\t2\t3\n',
    'fake.parquet': 'This is no Parquet file.',
    'other.jsonl': '{"a": 1, "b": "x"}\n',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(name, content);
});

describe('tables and series', () => {
  test.each<Row>([
    [
      'eval net.onnx --data words.csv',
      2,
      "words.csv:3: column 'c': expected a number, got 'red'; encode it as a number, or leave the column out (--columns)",
    ],
    [
      'eval net.onnx --data holes.csv',
      2,
      "holes.csv:2: column 'b': expected a number, got an empty cell; fill it in, or say what stands in with --missing",
    ],
    ['eval net.onnx --data ragged.csv', 2, 'ragged.csv:3: expected 5 cells, as in the first row, got 4; mend the row'],
    ['eval net.onnx --data latin.csv', 2, 'latin.csv:2: expected UTF-8 text, got other bytes; convert the file'],
    ['eval net.onnx --data open.csv', 2, 'open.csv:2: expected a closing quote, got the end of the file'],
    [
      'eval net.onnx --data narrow.csv',
      2,
      "narrow.csv: 'x': expected data of shape [?, 4] for the input 'x', got 2 features; choose other columns or another layout",
    ],
    [
      'eval net.onnx --data many.csv',
      2,
      "accuracy: expected labels of at most 3 classes, which the model has, got 4: w, x, y, z; choose the label's column or other data",
    ],
    [
      'eval net.onnx --data many.csv --classes w,x,y',
      2,
      "many.csv: expected one of the classes w, x, y, got 'z' for sample 3; name all of them with --classes",
    ],
    [
      'eval net.onnx --data good.csv --label-column colour',
      2,
      "good.csv: has no column 'colour'; it has 'a', 'b', 'c', 'd', 'kind'",
    ],
    [
      'eval net.onnx --data good.csv --columns a,b,c,d',
      2,
      "data: expected text, token ids or labelled samples, got none of them; add an array named 'labels', or say which column holds the labels (--label-column)",
    ],
    [
      'eval net.onnx --data good.csv --label-column kind --metric auc',
      2,
      'data: expected samples of two classes or more for --metric auc, got others; choose top1',
    ],
    [
      'eval net.onnx --data good.csv --label-column kind --standardise minmax',
      2,
      "eval: --standardise expected none, min-max or z, the last two alone or with :FILE or :NUMBER,NUMBER, got 'minmax'",
    ],
    [
      'eval net.onnx --data stamps.ts',
      2,
      'stamps.ts: expected series without time stamps, got @timeStamps true; resample and write values',
    ],
    [
      'eval net.onnx --data lies.ts',
      2,
      'lies.ts:6: dimension 1: expected 5 values, as @seriesLength says, got 4; pad or cut it first',
    ],
    [
      'eval net.onnx --data long.ts',
      2,
      "long.ts: 'series': expected series of at most 4 values, which the input 'x' has, got 5; cut them with --cut-series",
    ],
    [
      'eval net.onnx --data date.arff',
      2,
      "date.arff:2: expected the type numeric, real, integer, string, relational or {values} for 'when', got 'date'; change the type",
    ],
    [
      'eval net.onnx --data header.tsv',
      2,
      "header.tsv:1: column 0: expected a number, got 'label'; read tables with --kind csv",
    ],
    [
      'eval net.onnx --data fake.parquet',
      2,
      'fake.parquet: expected a Parquet file, got other content; an encrypted or cut one is not read',
    ],
    [
      'eval net.onnx --data other.jsonl --kind jsonl',
      2,
      'other.jsonl:1: field \'b\': expected a number, got "x"; leave the field out with --columns, or name it --label-column',
    ],
  ])('scalpel %s', check);
});
