/** The readers of records as targets: tables, series and pictures. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, crc32, deflateSync, gzipSync } from 'node:zlib';
import { mutateNpy } from './arrays.mjs';
import { concat, mutateBytes } from './bytes.mjs';
import { documentMutator } from './documents.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'), 'data');
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const utf8 = new TextEncoder();

/** The first whole lines of a shared file, and text that stands in for it where there is none. */
const head = (path, bytes) =>
  existsSync(join(shared, path)) ? [wholeLines(readFileSync(join(shared, path)), bytes)] : [];

const wholeLines = (content, bytes) =>
  content.length <= bytes ? content : content.subarray(0, content.lastIndexOf(10, bytes) + 1);

const formats = {
  csv: {
    name: 'a.csv',
    seeds: ['a,b,label\n1,2,x\n"3",4,"y, z"\n', '1;2\n3;4\n'],
    real: head('tabular/adult_test_encoded.csv', 2000),
  },
  tsv: { name: 'a.tsv', seeds: ['1\t2.5\t-3\tNaN\n2\t1e3\t4\t5\n'], real: [] },
  arff: {
    name: 'a.arff',
    seeds: [
      "@relation r\n@attribute 'a b' real\n@attribute c {x,'y z'}\n@data\n1,x\n2.5,'y z'\n",
      "@relation r\n@attribute s relational\n@attribute t numeric\n@end s\n@attribute c {x,y}\n@data\n'1,2\\n3,4',x\n",
    ],
    real: [],
  },
  ts: {
    name: 'a.ts',
    seeds: ['@problemName p\n@univariate true\n@classLabel true a b\n@data\n1,2:a\n3,4:b\n'],
    real: [...head('ts-format/JapaneseVowels_TEST.ts', 4000), ...head('ts-format/ItalyPowerDemand_TEST.ts', 3000)],
  },
  jsonl: {
    name: 'a.jsonl',
    seeds: ['{"a": 1, "x": [[1, 2]], "y": "cat"}\n{"a": 2, "x": [[3, 4]], "y": "dog"}\n'],
    real: [],
    mutate: linesOf(),
  },
  ucr: { name: 'a.npy', seeds: [], real: head('ucr/ECG200/ECG200_TEST.npy', 2 ** 20), mutate: mutateNpy },
  idx: { name: 'a-idx3-ubyte', seeds: [], real: [idx(), new Uint8Array(gzipSync(idx()))], mutate: mutateIdx },
  cifar: { name: 'a.bin', seeds: [], real: [new Uint8Array(3073 * 2)] },
  parquet: { name: 'a.parquet', seeds: [], real: [], make: parquet, reader: boundedParquet, mutate: mutateInPlace },
  images: { name: 'a.png', seeds: [], real: [...head('imagenet/0400.jpg', 2 ** 20), png()], mutate: mutatePng },
};

/** Words of all these formats, put anywhere. */
const words = [
  '"',
  "'",
  ',',
  '\t',
  '\n',
  '\r\n',
  ';',
  ':',
  '?',
  'NaN',
  '-inf',
  '1e999',
  '@data\n',
  '@attribute',
  '{',
  '}',
  '%',
  '\\',
  '\ufeff',
  '(',
  '0x1',
  '"".""',
];

export const readerTargets = Object.fromEntries(
  Object.entries(formats).map(([kind, { name, seeds, real, make, reader, mutate = mutateText }]) => [
    kind,
    {
      isTerse: true,
      async open() {
        const { readers } = await built('data/readers/index.js');
        const made = make ? await make() : [];
        const { read } = reader ? await reader() : readers[kind];
        const work = async (bytes, step) => {
          writeFileSync(name, bytes);
          const records = await step('read', () => read([name], {}));
          if (!records) return;
          const rows = Uint32Array.from({ length: Math.min(records.count, 50) }, (_, i) => i);
          for (const column of records.columns.values()) {
            if ('picture' in column) for (const row of rows) await step('picture', () => column.picture(row));
            else await step('column', () => column.read(rows));
          }
        };
        return {
          seeds: [...seeds.map((text) => utf8.encode(text)), ...real.map((b) => new Uint8Array(b)), ...made],
          mutate,
          work,
        };
      },
    },
  ]),
);

function mutateText(bytes, random, others) {
  if (random.chance(0.4)) return mutateBytes(bytes, random, others);
  let mutated = bytes;
  for (let i = 1 + random.below(2); i > 0; i--) {
    const at = random.below(mutated.length + 1);
    mutated = concat([
      mutated.subarray(0, at),
      utf8.encode(random.pick(words)),
      mutated.subarray(at + random.below(3)),
    ]);
  }
  return mutated;
}

/** A document mutated in one of its lines. */
function linesOf() {
  const mutate = documentMutator();
  return (bytes, random, others) => {
    const lines = new TextDecoder().decode(bytes).split('\n');
    const at = random.below(lines.length);
    lines[at] = new TextDecoder().decode(mutate(utf8.encode(lines[at]), random, []));
    return random.chance(0.2) ? mutateText(bytes, random, others) : utf8.encode(lines.join('\n'));
  };
}

function idx() {
  const view = new DataView(new ArrayBuffer(16 + 2 * 3 * 3));
  [0x803, 2, 3, 3].forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return new Uint8Array(view.buffer);
}

function mutateIdx(bytes, random, others) {
  if (random.chance(0.4)) return mutateBytes(bytes, random, others);
  const made = mutateBytes(idx(), random);
  return random.chance(0.5)
    ? made
    : new Uint8Array(gzipSync(random.chance(0.1) ? concat([made, new Uint8Array(2 ** 22)]) : made));
}

/** Nothing moves, so that the places which a footer tells still hold what they held. */
function mutateInPlace(bytes, random, others) {
  if (random.chance(0.3)) return mutateBytes(bytes, random, others);
  const mutated = bytes.slice();
  for (let i = 1 + random.below(3); i > 0; i--) {
    mutated[random.below(mutated.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  }
  return mutated;
}

/** Each way of storing a column once: what is missing, encodings, dictionaries, codecs, several row groups. */
async function parquet() {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const label = { name: 'label', data: ['x', 'y', 'x'], type: 'STRING' };
  const numbers = { name: 'a', data: [1, 2, 3], type: 'DOUBLE' };
  const gaps = { name: 'b', data: [1, null, 3], type: 'INT32', nullable: true };
  const whole = { name: 'c', data: [1n, 1n, 2n], type: 'INT64' };
  const answers = { name: 'd', data: [true, false, true], type: 'BOOLEAN' };
  const many = { name: 'e', data: Array.from({ length: 60 }, (_, i) => 1000 * (i % 2)), type: 'DOUBLE' };
  const words = { ...label, data: many.data.map((value) => `a word ${value}`) };
  const compressors = { GZIP: gzipSync, BROTLI: brotliCompressSync };
  const tables = [
    { columnData: [numbers, label] },
    { columnData: [numbers, gaps, label], codec: 'UNCOMPRESSED', rowGroupSize: 2 },
    {
      columnData: [
        { ...whole, encoding: 'DELTA_BINARY_PACKED' },
        { ...numbers, encoding: 'BYTE_STREAM_SPLIT' },
      ],
    },
    { columnData: [answers, { ...label, encoding: 'DELTA_BYTE_ARRAY' }], codec: 'UNCOMPRESSED' },
    { columnData: [many, words], codec: 'GZIP', compressors },
    { columnData: [many, words], codec: 'BROTLI', compressors },
  ];
  return tables.map((table) => new Uint8Array(parquetWriteBuffer(table)));
}

/**
 * Patience for files of a few hundred bytes: what ends a loop there ends it everywhere. To start a thread takes longer than most
 * cases, so that the next case gets the same one, unless it had to be ended.
 */
async function boundedParquet() {
  const { parquetWithin } = await built('data/readers/parquet.js');
  const { startThread } = await built('data/readers/bounded-thread.js');
  let kept;
  const start = (module, heapMegabytes) => {
    kept ??= startThread(module, heapMegabytes);
    const thread = kept;
    const ask = async (question, budget) => {
      try {
        return await thread.ask(question, budget);
      } catch (error) {
        if (error.message.includes(budget.repair)) {
          kept = undefined;
          await thread.end();
        }
        throw error;
      }
    };
    return { ask, end: async () => {} };
  };
  return parquetWithin({ milliseconds: 800, bytes: 2 ** 28, heapMegabytes: 256 }, start);
}

function chunk(type, data) {
  const body = concat([utf8.encode(type), data]);
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, data.length);
  numbers.setUint32(4, crc32(body));
  return concat([new Uint8Array(numbers.buffer, 0, 4), body, new Uint8Array(numbers.buffer, 4, 4)]);
}

function png({
  width = 2,
  height = 2,
  depth = 8,
  colour = 2,
  method = 0,
  data = new Uint8Array(2 * 7),
  extra = [],
} = {}) {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  [depth, colour, method, 0, 0].forEach((value, i) => {
    header.setUint8(8 + i, value);
  });
  const start = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return concat([
    start,
    chunk('IHDR', new Uint8Array(header.buffer)),
    ...extra,
    chunk('IDAT', new Uint8Array(deflateSync(data))),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** Sound checksums around sizes, types of colour and data that do not go together. */
function mutatePng(bytes, random, others) {
  if (random.chance(0.6)) return mutateBytes(bytes, random, others);
  const size = () => random.pick([0, 1, 2, 3, 100, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 32 - 1]);
  const palette = chunk('PLTE', new Uint8Array(random.below(12)));
  return png({
    width: size(),
    height: size(),
    depth: random.pick([1, 2, 4, 8, 16, 3, 0]),
    colour: random.pick([0, 2, 3, 4, 6, 1]),
    method: random.chance(0.1) ? 1 : 0,
    data: new Uint8Array(random.pick([0, 10, 1000, 2 ** 22])).fill(random.below(8)),
    extra: random.chance(0.5) ? [palette] : [],
  });
}
