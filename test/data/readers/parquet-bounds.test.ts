/** Parquet within bounds of time and memory: what a hostile file costs, and that the thread keeps nothing alive. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { parquetWithin } from '../../../src/data/readers/parquet.js';
import { dist } from '../../helpers/dist.js';
import { temporaryFolder } from '../models.js';
import { endlessParquet } from './endless-parquet.js';

const { write } = temporaryFolder();
const wide = { milliseconds: 60_000, bytes: 2 ** 32, heapMegabytes: 512 };
const repair = 'write the file again in smaller row groups, or name fewer columns (--columns)';

/** Rows of nothing: some bytes for any number of them. */
const nothing = (rows: number): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [{ name: 'a', data: new Array(rows).fill(null), type: 'DOUBLE', nullable: true }],
      rowGroupSize: rows,
      codec: 'UNCOMPRESSED',
    }),
  );

describe('one error', () => {
  test.each([
    [
      'a loop',
      endlessParquet,
      { milliseconds: 300 },
      'expected a file that is read within 1 s, got one that takes longer',
    ],
    [
      'buffers',
      endlessParquet,
      { bytes: -(2 ** 40) },
      'expected a part that fits into memory, got one that needs too much',
    ],
    [
      'a heap',
      nothing(3e6),
      { heapMegabytes: 24 },
      'expected a part that fits into memory, got one that needs too much',
    ],
  ])('%s', async (name, content, narrow, message) => {
    const path = write(`${name}.parquet`, content);
    const error = await parquetWithin({ ...wide, ...narrow })
      .read([path], {})
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'UserError', message: `${path}: ${message}; ${repair}` });
  });

  test('a row group with fewer cells than it claims', async () => {
    const content = nothing(3);
    // the count of rows in the footer, zigzag: of the file and of its only row group
    const rows = [...content.keys()].filter((at) => content[at] === 0x16 && content[at + 1] === 6);
    for (const at of rows) content[at + 1] = 8;
    const path = write('short.parquet', content);
    await expect(parquetWithin(wide).read([path], {})).rejects.toThrow(
      `${path}: expected 4 cells of column 'a' in row group 0, got 3; write the file again`,
    );
  });
});

describe('a process', () => {
  const run = (path: string) =>
    spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { parquetWithin } = await import('${dist('data/readers/parquet.js')}');
         setTimeout(() => console.log('reading'), 1);
         const records = await parquetWithin(${JSON.stringify(wide)}).read(['${path}'], { missing: 0 });
         console.log(records.count);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );

  test('ends by itself once the file is read', async () => {
    const child = run(write('read.parquet', nothing(10)));
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said).toMatch(/10\n$/);
  });

  test('ends by Ctrl-C while the thread loops', async () => {
    const child = run(write('endless.parquet', endlessParquet));
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
  });
});
