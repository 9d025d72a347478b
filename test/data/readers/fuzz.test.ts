/** Mutated files: every reader gives records or one error that names the file, and nothing else. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { type ReaderName, readers } from '../../../src/data/readers/index.js';
import { UserError } from '../../../src/errors.js';
import { encodeNpy } from '../../../src/tensor/npy.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { shared } from '../../helpers/shared.js';
import { temporaryFolder } from '../models.js';
import { contentsOf } from './contents.js';

const { write } = temporaryFolder();

/** The head of a real file, or what stands in for it. */
function realHead(path: string, lines: number, otherwise: string): Buffer {
  const found = shared(path);
  return found
    ? Buffer.from(readFileSync(found, 'utf8').split('\n').slice(0, lines).join('\n'))
    : Buffer.from(otherwise);
}

const relational = '@attribute s relational\n@attribute t numeric\n@end s\n';
const bases: readonly (readonly [ReaderName, Uint8Array])[] = [
  [
    'ts',
    realHead('data/ts-format/JapaneseVowels_TEST.ts', 18, '@univariate true\n@classLabel true a b\n@data\n1,2:a\n'),
  ],
  ['ts', realHead('data/ts-format/ItalyPowerDemand_TEST.ts', 18, '@univariate true\n@data\n1,2\n3\n')],
  ['tsv', Buffer.from('1\t2.5\t-3\tNaN\n2\t1e3\t4\t5\n'.repeat(4))],
  [
    'ucr',
    encodeNpy(
      float32(
        [3, 4],
        Float32Array.from({ length: 12 }, (_, i) => i),
      ),
    ),
  ],
  ['arff', Buffer.from(`@relation r\n@attribute 'a b' real\n@attribute c {x,'y z'}\n@data\n1,x\n2.5,'y z'\n`)],
  ['arff', Buffer.from(`@relation r\n${relational}@attribute c {x,y}\n@data\n'1,2\\n3,4',x\n'5\\n6',y\n`)],
  ['csv', realHead('data/tabular/adult_test_encoded.csv', 6, 'a,b,label\n1,2,x\n"3",4,y\n')],
  ['jsonl', Buffer.from('{"a": 1, "x": [[1, 2]], "y": "cat"}\n{"a": 2, "x": [[3, 4]], "y": "dog"}\n')],
  [
    'parquet',
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'a', data: [1, 2, 3], type: 'DOUBLE' },
          { name: 'label', data: ['x', 'y', 'x'], type: 'STRING' },
        ],
      }),
    ),
  ],
];

const pieces = [
  '"',
  "'",
  '\n',
  ',',
  ':',
  '\t',
  '?',
  '@data\n',
  '{',
  '}',
  '\\',
  '1e999',
  '\u0000',
  '\ufeff',
  '-',
  '@end s\n',
];
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 2, max: 200 })),
  insert: fc.oneof(
    fc.constantFrom(...pieces).map((piece) => Buffer.from(piece)),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  ),
});

const mutated = (base: Uint8Array, edits: readonly { at: number; remove: number; insert: Buffer }[]): Uint8Array =>
  edits.reduce<Uint8Array>((bytes, { at, remove, insert }) => {
    const place = Math.floor(at * bytes.length);
    return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
  }, base);

test.each(bases.map((base, i) => [`${base[0]} ${i}`, ...base] as const))('%s', async (name, reader, base) => {
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const path = write(`${name.replace(' ', '-')}.bin`, mutated(base, edits));
      const outcome = await readers[reader].read([path], {}).then(contentsOf, (error: unknown) => error);
      if (!(outcome instanceof Error)) return;
      expect(outcome, String(outcome.stack)).toBeInstanceOf(UserError);
      expect(outcome.message.startsWith(path)).toBe(true);
      expect(outcome.message).not.toMatch(/\n/);
    }),
    { numRuns: 80, seed: 4 },
  );
});
