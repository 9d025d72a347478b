/** Small files of series of every kind, and how the tests of this folder open them. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect } from 'vitest';
import { openSeriesSets, type SeriesSetOptions, type SeriesSources } from '../../../src/data/series-sets/open.js';
import { UserError } from '../../../src/errors.js';
import type { Graph } from '../../../src/ir/types.js';
import { encodeNpy } from '../../../src/tensor/npy.js';
import { encodeNpz } from '../../../src/tensor/npz.js';
import { float32, type Tensor, tensor } from '../../../src/tensor/tensor.js';
import { temporaryFolder } from '../models.js';

export const { folder, write } = temporaryFolder();

export const floats = (shape: readonly number[], values: readonly number[]): Tensor =>
  float32(shape, Float32Array.from(values));
export const npy = (name: string, shape: readonly number[], values: readonly number[]): string =>
  write(name, encodeNpy(floats(shape, values)));
export const npz = (name: string, arrays: Readonly<Record<string, Tensor>>): string =>
  write(name, encodeNpz(new Map(Object.entries(arrays))));

export const head = '@classLabel true b a\n@data\n';
export const files = {
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
  parquet: write(
    's.parquet',
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'a', data: [1, 3, 5], type: 'DOUBLE' },
          { name: 'b', data: [2, 4, 6], type: 'DOUBLE' },
          { name: 'label', data: ['no', 'yes', null], type: 'STRING' },
        ],
      }),
    ),
  ),
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

export const open = (
  training: string | readonly string[],
  options: SeriesSetOptions = {},
  more: Partial<SeriesSources> = {},
  graph?: Graph,
) => openSeriesSets({ training: [training].flat(), ...more }, options, graph);

/** The whole message, without the folder of the files. */
export async function refused(opened: Promise<unknown>, message: string): Promise<void> {
  const error = await opened.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message.replaceAll(`${folder}/`, '')).toBe(message);
}
