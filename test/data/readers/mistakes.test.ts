/** What is wrong with files: each message whole, in one line, with file, line and column. */
import { describe, expect, test } from 'vitest';
import type { ReaderOptions } from '../../../src/data/reader.js';
import { type ReaderName, readers } from '../../../src/data/readers/index.js';
import { UserError } from '../../../src/errors.js';
import { encodeNpy } from '../../../src/tensor/npy.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { temporaryFolder } from '../models.js';

const { folder, write } = temporaryFolder();

type Row = readonly [what: string, content: string | Uint8Array, message: string, options?: ReaderOptions];

function refuses(reader: ReaderName, rows: readonly Row[]): void {
  for (const [what, content, message, options = {}] of rows) {
    test(what, async () => {
      const path = write(`${reader}/${what.replaceAll(' ', '-')}`, content);
      const error = await readers[reader].read([path], options).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message.replace(`${folder}/${reader}/`, '')).toBe(message);
    });
  }
}

const head = '@univariate true\n@classLabel true a b\n@data\n';

describe('.ts', () =>
  refuses('ts', [
    [
      'bytes',
      Buffer.from('@univariate true\n@data\n1,\xff\n', 'latin1'),
      'bytes:3: expected UTF-8 text, got other bytes; convert the file',
    ],
    [
      'stamps',
      '@timeStamps true\n@data\n(0,1):a\n',
      'stamps: expected series without time stamps, got @timeStamps true; resample and write values',
    ],
    ['brackets', '@data\n(0,1),(1,2)\n', 'brackets:2: expected values, got time stamps in brackets; write values'],
    [
      'header',
      '@univariate true\n@colour red\n@data\n1\n',
      "header:2: expected a header (@problemName … @classLabel) or @data, got '@colour red'; mend the line",
    ],
    ['no data', '@univariate true\n', 'no-data: expected a line @data, found none; the file is cut off or no .ts file'],
    ['nothing after', '@univariate true\n@data\n', 'nothing-after: expected series, got none; the data part is empty'],
    ['twice', '@univariate true\n@univariate true\n@data\n1\n', 'twice:2: a second @univariate; give it once'],
    ['flag', '@univariate maybe\n@data\n1\n', "flag: expected @univariate true or false, got 'maybe'; mend the header"],
    ['word', `${head}1,two:a\n`, "word:4: dimension 1, value 2: expected a number, got 'two'"],
    [
      'missing',
      `${head}1,?:a\n`,
      "missing:4: dimension 1, value 2: expected a number, got '?'; fill it in, or say what stands in with --missing",
    ],
    [
      'large',
      `${head}1,1e39:a\n`,
      'large:4: dimension 1, value 2: expected a number that float32 can hold, got 1e+39; scale the data or mend the number',
    ],
    ['label', `${head}1,2:c\n`, "label:4: expected one of the labels of @classLabel, got 'c'; mend it, or the header"],
    ['no label', `${head}1,2:\n`, "no-label:4: expected a class label after the last ':', got nothing; add it"],
    [
      'dimensions',
      `@dimensions 3\n@classLabel true a\n@data\n1:2:a\n`,
      "dimensions:4: expected 3 dimensions between ':', got 2 and the label; mend the line",
    ],
    [
      'ragged',
      '@univariate false\n@data\n1,2:3\n',
      'ragged:3: expected dimensions of one length, got 2 values in the first and 1 in dimension 2; pad or cut them first',
    ],
    [
      'lying length',
      '@univariate true\n@equalLength true\n@seriesLength 3\n@data\n1,2\n',
      'lying-length:5: dimension 1: expected 3 values, as @seriesLength says, got 2; pad or cut it first',
    ],
    [
      'lying count',
      '@dimensions 1e9\n@data\n1\n',
      "lying-count: expected a whole number from 1 after @dimensions, got '1e9'; mend the header",
    ],
    [
      'two dimensions',
      '@univariate true\n@dimensions 2\n@data\n1\n',
      'two-dimensions: expected one dimension after @univariate true, got @dimensions 2; change one of them',
    ],
    [
      'regression',
      '@targetLabel true\n@data\n1:2\n',
      'regression: expected class labels, got @targetLabel true; targets of regression have no classes',
    ],
  ]));

describe('UCR', () => {
  refuses('tsv', [
    ['ragged', '1\t2\t3\n1\t2\n', 'ragged:2: expected 3 cells as before, got 2 cells; mend the row'],
    ['commas', '1,2,3\n', 'commas:1: expected a label and values with tabs between, got 1 cell; mend the row'],
    ['word', '1\t2\tx\n', "word:1: column 2: expected a number, got 'x'; read tables with --kind csv"],
    ['label', 'NaN\t2\t3\n', 'label:1: column 0: expected a class label, got a missing value; fill it in'],
    [
      'hole',
      '1\t2\tNaN\t3\n',
      "hole:1: dimension 1, value 2: expected a number, got 'NaN'; fill it in, or say what stands in with --missing",
    ],
    ['empty', '1\tNaN\n', 'empty:1: expected at least one value, got an empty series; leave it out'],
  ]);
  refuses('ucr', [
    [
      'axes',
      encodeNpy(float32([4], new Float32Array(4))),
      'axes: expected rows of a label and values, [series, 1 + length], got [4]; reshape the array',
    ],
    [
      'column',
      encodeNpy(float32([1, 3], new Float32Array(3))),
      "column: expected the label in a column from 0 to 2, got '3'; choose one with --label-column",
      { label: '3' },
    ],
    [
      'label',
      encodeNpy(float32([1, 3], Float32Array.of(Number.NaN, 1, 2))),
      'label: row 0: column 0: expected a class label, got a missing value; fill it in',
    ],
    [
      'hole',
      encodeNpy(float32([1, 4], Float32Array.of(0, 1, Number.NaN, 2))),
      "hole: row 0: dimension 1, value 2: expected a number, got 'NaN'; fill it in, or say what stands in with --missing",
    ],
  ]);
});

const arffHead = '@relation r\n@attribute a numeric\n@attribute class {x,y}\n@data\n';

describe('ARFF', () =>
  refuses('arff', [
    [
      'type',
      '@relation r\n@attribute a date\n@data\n',
      "type:2: expected the type numeric, real, integer, string, relational or {values} for 'a', got 'date'; change the type",
    ],
    [
      'header',
      '@relation r\nnonsense\n',
      "header:2: expected @attribute, @end or @data, got 'nonsense'; mend the line",
    ],
    [
      'cut',
      '@relation r\n@attribute a numeric\n',
      'cut: expected a line @data, found none; the file is cut off or no ARFF file',
    ],
    ['nothing', '@relation r\n@data\n1\n', 'nothing: expected attributes before @data, got none; add them'],
    ['cells', `${arffHead}1,2,x\n`, 'cells:5: expected 2 cells, one an attribute, got 3; mend the line'],
    ['word', `${arffHead}one,x\n`, "word:5: attribute 'a': expected a number, got 'one'"],
    [
      'class',
      `${arffHead}1,z\n`,
      "class:5: attribute 'class': expected one of its values, got 'z'; add it to the attribute, or mend the cell",
    ],
    ['no class', `${arffHead}1,?\n`, "no-class:5: attribute 'class': expected a class label, got none; fill it in"],
    ['sparse', `${arffHead}{0 1}\n`, 'sparse:5: expected dense rows, got a sparse one ({…}); write all cells'],
    ['quote', `${arffHead}'1,x\n`, "quote:5: expected a closing ', got the end of the line; close it"],
    [
      'after a quote',
      `${arffHead}'1'2,x\n`,
      "after-a-quote:5: expected a comma after cell 1, got '2'; quote the cell, or mend the line",
    ],
    [
      'nominal',
      '@relation r\n@attribute a {u,v}\n@attribute class {x,y}\n@data\nu,x\n',
      "nominal: attribute 'a' is nominal, which a model is not fed; leave it out with --columns",
    ],
    [
      'ragged',
      "@relation r\n@attribute s relational\n@attribute t numeric\n@end s\n@attribute class {x}\n@data\n'1,2\\n3',x\n",
      'ragged:7: expected dimensions of one length, got 2 values in the first and 1 in dimension 2; pad or cut them first',
    ],
  ]));

describe('CSV', () =>
  refuses('csv', [
    ['empty', '', 'empty: expected rows, got none; the file is empty'],
    ['only a header', 'a,b\n', 'only-a-header: expected rows, got none; the file has no data'],
    ['ragged', 'a,b\n1,2\n1,2,3\n', 'ragged:3: expected 2 cells, as in the first row, got 3; mend the row'],
    [
      'word',
      'a,b\n1,red\n',
      "word:2: column 'b': expected a number, got 'red'; encode it as a number, or leave the column out (--columns)",
    ],
    [
      'hole',
      'a,b\n1,\n',
      "hole:2: column 'b': expected a number, got an empty cell; fill it in, or say what stands in with --missing",
    ],
    ['names', 'a,a\n1,2\n', "names:1: two columns are named 'a'; name each once"],
    ['no column', 'a,b\n1,2\n', "no-column: has no column 'c'; it has 'a', 'b'", { label: 'c' }],
    [
      'twice',
      'a,b\n1,2\n',
      "twice: expected each column once in --columns, got 'a' twice; name it once",
      { columns: ['a', 'a'] },
    ],
    ['label', 'a,label\n1,\n', "label:2: column 'label': expected a label, got an empty cell; fill it in"],
    ['open quote', 'a,b\n1,"2\n', 'open-quote:2: expected a closing quote, got the end of the file'],
    [
      'after a quote',
      'a,b\n1,"2"3\n',
      'after-a-quote:2: expected a delimiter after a closing quote, got other text; double quotes inside quotes',
    ],
    [
      'bytes',
      Buffer.from('a,b\n1,2\n1,\xe9\n', 'latin1'),
      'bytes:3: expected UTF-8 text, got other bytes; convert the file',
    ],
    [
      'one line',
      `a,b\n"${'x'.repeat(2 ** 22 + 8)}`,
      'one-line:2: expected rows of at most 4194304 bytes, got a longer one; look for a quote that is not closed',
    ],
  ]));

describe('Parquet and JSON lines', () => {
  refuses('parquet', [
    [
      'text',
      'This is no Parquet file.',
      'text: expected a Parquet file, got other content; an encrypted or cut one is not read',
    ],
    [
      'damaged',
      'PAR1 nothing of the kind \x04\x00\x00\x00PAR1',
      'damaged: expected a Parquet file, got a damaged one (thrift unhandled type: 14); write the file again',
    ],
    ['empty', '', 'empty: expected a Parquet file, got other content; an encrypted or cut one is not read'],
  ]);
  refuses('jsonl', [
    ['empty', '\n', 'empty: expected JSON objects, got none; the file is empty'],
    ['array', '[1, 2]\n', "array:1: expected an object with fields, got '[1, 2]'; write one object a line"],
    ['field', '{"a": 1}\n{"b": 1}\n', "field:2: expected the field 'a', as in the first record, got none; add it"],
    [
      'word',
      '{"a": 1, "b": "x"}\n',
      'word:1: field \'b\': expected a number, got "x"; leave the field out with --columns, or name it --label-column',
    ],
    [
      'ragged',
      '{"a": [1, 2]}\n{"a": [1]}\n',
      "ragged:2: field 'a': expected an array of 2, as in the first record, got 1; make all of one size",
    ],
    [
      'null',
      '{"a": null}\n',
      "null:1: field 'a': expected a number, got 'NaN'; fill it in, or say what stands in with --missing",
    ],
  ]);
});
