import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { csv } from '../../../src/data/readers/csv.js';
import { jsonl } from '../../../src/data/readers/jsonl.js';
import { NumberStore } from '../../../src/data/readers/number-store.js';
import { parquet } from '../../../src/data/readers/parquet.js';
import { shared } from '../../helpers/shared.js';
import { temporaryFolder } from '../models.js';
import { read } from './contents.js';

const { write } = temporaryFolder();
const one = (values: number[]) => ({ shape: [], values });

describe('CSV', () => {
  const expected = { columns: { a: one([1, -3]), b: one([2.5, 40]) }, labels: ['x', 'y'] };
  test.each([
    ['commas', 'a,b,class\n1,2.5,x\n-3,4e1,y\n', {}],
    ['semicolons, quotes and CR LF', '"a";"b";"class"\r\n"1";2.5;x\r\n-3;4e1;"y"\r\n', {}],
    ['tabs and a byte order mark', '\ufeffa\tb\tclass\n1\t2.5\tx\n-3\t4e1\ty', {}],
    ['bars, blank lines', '\na|b|class\n\n1|2.5|x\n-3|4e1|y\n\n', {}],
    ['a label of another name', 'name,a,b\nx,1,2.5\ny,-3,4e1\n', { label: 'name' }],
    ['columns chosen, by name or number', 'z,b,class,a\nq,2.5,x,1\nq,4e1,y,-3\n', { columns: ['a', '1'] }],
    ['a stand-in for what is missing', 'a,b,class\n1,2.5,x\n?,4e1,y\n', { missing: -3 }],
  ])('%s', async (name, text, options) => {
    expect(await read(csv, [write(`${name}.csv`, text)], options)).toMatchObject(expected);
  });

  test('without a header columns are numbers, and no label is guessed', async () => {
    expect(await read(csv, [write('h.csv', '1,2,0\n3,4,1\n')])).toMatchObject({
      columns: { 0: one([1, 3]), 1: one([2, 4]), 2: one([0, 1]) },
      labels: undefined,
    });
    expect(await read(csv, [write('h2.csv', '1,2\n3,4\n')], { header: true })).toMatchObject({
      columns: { 1: one([3]), 2: one([4]) },
    });
  });

  test('cells with delimiters, quotes and line ends inside are one cell', async () => {
    const path = write('q.csv', 'a,label\n1,"x, ""y""\nz"\n2,w\n');
    expect((await read(csv, [path])).labels).toEqual(['x, "y"\nz', 'w']);
  });

  test('Adult: 12,208 rows, a quarter of them above 50,000 dollars', async () => {
    const path = shared('data/tabular/adult_test_encoded.csv');
    if (!path) return;
    const { count, columns, labels } = await csv.read([path], { label: 'income' });
    expect([count, columns.size, labels?.filter((label) => label === '1').length]).toEqual([12208, 20, 2940]);
  });
});

describe('Parquet', () => {
  const table = (more: Parameters<typeof parquetWriteBuffer>[0]['columnData'] = []) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'age', data: [40, 50, 60], type: 'INT32' },
          { name: 'rate', data: [0.5, -1, 2], type: 'DOUBLE' },
          { name: 'label', data: ['b', 'a', 'b'], type: 'STRING' },
          ...more,
        ],
        rowGroupSize: 2,
      }),
    );

  test('reads columns by name over several row groups', async () => {
    expect(await read(parquet, [write('t.parquet', table())])).toMatchObject({
      columns: { age: one([40, 50, 60]), rate: one([0.5, -1, 2]) },
      labels: ['b', 'a', 'b'],
    });
    expect(Object.keys((await read(parquet, [write('t2.parquet', table())], { columns: ['rate'] })).columns)).toEqual([
      'rate',
    ]);
  });

  test('int64, booleans and missing values are numbers too', async () => {
    const more = [
      { name: 'big', data: [1n, 2n ** 40n, 3n], type: 'INT64' as const },
      { name: 'flag', data: [true, false, true], type: 'BOOLEAN' as const },
      { name: 'gap', data: [1, null, 3], type: 'DOUBLE' as const, nullable: true },
    ];
    expect(
      await read(parquet, [write('m.parquet', table(more))], { columns: ['big', 'flag', 'gap'], missing: 0 }),
    ).toMatchObject({ columns: { big: one([1, 2 ** 40, 3]), flag: one([1, 0, 1]), gap: one([1, 0, 3]) } });
  });

  test.each([
    ['text', { name: 'city', data: ['x', 'y', 'z'], type: 'STRING' as const }, /column 'city' is of type \w+; encode/],
    ['lists', { name: 'list', data: [[1], [2], [3]] }, /column 'list' is /],
    [
      'times',
      { name: 'at', data: [new Date(0), new Date(1), new Date(2)], type: 'TIMESTAMP' as const },
      /column 'at' is of type TIMESTAMP/,
    ],
    [
      'what is missing',
      { name: 'gap', data: [1, null, 3], type: 'DOUBLE' as const, nullable: true },
      /row 1, column 'gap': expected a number, got 'NaN'/,
    ],
  ])('refuses %s', async (name, column, message) => {
    const path = write(`${name}.parquet`, table([column as never]));
    await expect(parquet.read([path], {})).rejects.toThrow(message);
  });
});

describe('JSON lines', () => {
  test('reads numbers and arrays of numbers', async () => {
    const path = write(
      'j.jsonl',
      '{"a": 1, "x": [[1, 2], [3, 4]], "y": "cat"}\n\n{"y": "dog", "x": [[5, 6], [7, 8]], "a": -2}\n',
    );
    expect(await read(jsonl, [path])).toEqual({
      columns: { a: one([1, -2]), x: { shape: [2, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] } },
      labels: ['cat', 'dog'],
      classes: undefined,
    });
  });
});

test('numbers past the budget wait in a file', () => {
  const store = new NumberStore(2 ** 20);
  for (let i = 0; i < 300_000; i++) store.push(i);
  expect(store.length).toBe(300_000);
  for (const from of [0, 65_530, 131_070, 262_140, 299_990]) {
    expect([...store.read(from, 10)]).toEqual(Array.from({ length: 10 }, (_, i) => from + i));
  }
});
