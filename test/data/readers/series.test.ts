import { describe, expect, test } from 'vitest';
import { arff } from '../../../src/data/readers/arff.js';
import { ts } from '../../../src/data/readers/ts.js';
import { tsv } from '../../../src/data/readers/tsv.js';
import { ucr } from '../../../src/data/readers/ucr.js';
import { encodeNpy } from '../../../src/tensor/npy.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { shared } from '../../helpers/shared.js';
import { temporaryFolder } from '../models.js';
import { read } from './contents.js';

const { write } = temporaryFolder();

describe('.ts', () => {
  const head = '# a comment\n@problemName p\n@timeStamps false\n@univariate false\n@dimensions 2\n';
  test('reads dimensions, labels and declared classes; pads the shorter and says where they end', async () => {
    const path = write(
      'a.ts',
      `${head}@equalLength false\n@classLabel true up down\n@data\n1,2,3:4,5,6:up\r\n7,8:9,-1e1:down\n`,
    );
    expect(await read(ts, [path])).toEqual({
      columns: {
        series: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6, 7, 8, 0, 9, -10, 0] },
        lengths: { shape: [], values: [3, 2] },
        mask: { shape: [3], values: [1, 1, 1, 1, 1, 0] },
      },
      labels: ['up', 'down'],
      classes: ['up', 'down'],
    });
  });

  test('takes a stand-in for missing values, and files without labels', async () => {
    const path = write('b.ts', '@univariate true\n@missing true\n@data\n1,?,NaN\n');
    const { columns, labels } = await read(ts, [path], { missing: -5 });
    expect(columns).toEqual({ series: { shape: [1, 3], values: [1, -5, -5] } });
    expect(labels).toBeUndefined();
  });

  test.each([
    ['BasicMotions_TRAIN', 40, [6, 100], 4],
    ['BasicMotions_TEST', 40, [6, 100], 4],
    ['JapaneseVowels_TRAIN', 270, [12, 26], 9],
    ['JapaneseVowels_TEST', 370, [12, 29], 9],
    ['JapaneseVowels_eq_TEST', 370, [12, 25], 9],
    ['ItalyPowerDemand_TEST', 1029, [1, 24], 2],
  ] as const)('%s has %i series of %j and %i classes', async (name, count, shape, classes) => {
    const path = shared(`data/ts-format/${name}.ts`);
    if (!path) return;
    const records = await ts.read([path], {});
    expect([
      records.count,
      records.columns.get('series'),
      records.classes?.length,
      records.labels?.length,
    ]).toMatchObject([count, { shape }, classes, count]);
    expect(records.columns.has('mask')).toBe(name.startsWith('JapaneseVowels_T'));
  });
});

describe('UCR', () => {
  const rows = float32([2, 4], Float32Array.of(3, 1, 2, Number.NaN, -1, 4, 5, 6));
  const expected = {
    columns: {
      series: { shape: [1, 3], values: [1, 2, 0, 4, 5, 6] },
      lengths: { shape: [], values: [2, 3] },
      mask: { shape: [3], values: [1, 1, 0, 1, 1, 1] },
    },
    labels: [3, -1],
    classes: undefined,
  };

  test('.npy: the label in column 0, or another one; NaN at the end is no value', async () => {
    const path = write('u.npy', encodeNpy(rows));
    expect(await read(ucr, [path])).toEqual(expected);
    const last = write('last.npy', encodeNpy(float32([2, 3], Float32Array.of(1, 2, 7, 3, 4, 8))));
    expect(await read(ucr, [last], { label: '2' })).toMatchObject({
      columns: { series: { shape: [1, 2], values: [1, 2, 3, 4] } },
      labels: [7, 8],
    });
  });

  test('.tsv: the same with tabs', async () => {
    expect(await read(tsv, [write('u.tsv', '3\t1\t2\tNaN\n-1\t4\t5\t6\n\n')])).toEqual(expected);
  });

  test('ElectricDevices and Crop have the series and classes of the archive', async () => {
    for (const [name, count, length, classes] of [
      ['ElectricDevices', 7710, 96, 7],
      ['Crop', 16799, 46, 24],
    ] as const) {
      const path = shared(`data/ucr/${name}/${name}_TEST.npy`);
      if (!path) return;
      const records = await ucr.read([path], {});
      expect([records.count, records.columns.get('series')?.['shape' as never], new Set(records.labels).size]).toEqual([
        count,
        [1, length],
        classes,
      ]);
    }
  });
});

describe('.arff', () => {
  test('reads a table of numeric attributes with a nominal class', async () => {
    const path = write(
      't.arff',
      "% c\n@RELATION r\n@attribute 'a b' numeric\n@ATTRIBUTE c REAL\n@attribute class {yes, 'no, never'}\n@data\n1,2,yes\n% c\n-3,4e1,'no, never'\n",
    );
    expect(await read(arff, [path])).toEqual({
      columns: { 'a b': { shape: [], values: [1, -3] }, c: { shape: [], values: [2, 40] } },
      labels: ['yes', 'no, never'],
      classes: ['yes', 'no, never'],
    });
  });

  test('reads the dimensions of a relational attribute, short ones filled up with ?', async () => {
    const inside = '@attribute x relational\n@attribute t0 numeric\n@attribute t1 numeric\n@end x\n';
    const path = write('m.arff', `@relation r\n${inside}@attribute kind {a,b}\n@data\n'1,2\\n3,4',b\n"5,?\\n7,?",a\n`);
    expect(await read(arff, [path])).toEqual({
      columns: {
        series: { shape: [2, 2], values: [1, 2, 3, 4, 5, 0, 7, 0] },
        lengths: { shape: [], values: [2, 1] },
        mask: { shape: [2], values: [1, 1, 1, 0] },
      },
      labels: ['b', 'a'],
      classes: ['a', 'b'],
    });
  });
});

test('several files of one format are read one after the other', async () => {
  const paths = ['1\t2\t3\n', '0\t5\t6\n'].map((text, i) => write(`part-${i}.tsv`, text));
  expect(await read(tsv, paths)).toMatchObject({ columns: { series: { values: [2, 3, 5, 6] } }, labels: [1, 0] });
});
