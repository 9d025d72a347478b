/** Tokenizers that know some of their tokens: texts of these have the same tokens as before. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../src/data/tokenizer.js';
import { isTrimmable, trimConfig, trimTokenizer } from '../../src/data/trim-tokenizer.js';
import { random } from '../../src/tensor/random.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-trim-'));
let count = 0;

function tokenizer(definition: unknown): Tokenizer {
  const path = join(folder, `tokenizer-${count++}.json`);
  writeFileSync(path, JSON.stringify(definition));
  return loadTokenizer(path);
}

/** Merges of what there is already, drawn; some make a token that others make too. */
function randomMerges(seed: number): { vocab: Record<string, number>; merges: [string, string][] } {
  const draw = random(seed, 'merges');
  const tokens = ['a', 'b', 'c', 'd'];
  const merges: [string, string][] = [];
  for (let i = 0; i < 40; i++) {
    const [one, other] = [0, 1].map((k) => tokens[draw.integer(2 * i + k, tokens.length)]!) as [string, string];
    if (merges.some(([a, b]) => a === one && b === other) || one.length + other.length > 8) continue;
    merges.push([one, other]);
    if (!tokens.includes(one + other)) tokens.push(one + other);
  }
  return { vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges };
}

describe('BPE', () => {
  test('texts of kept tokens have the same tokens', () => {
    let same = 0;
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom('pairs', 'text'), (seed, form) => {
        const { vocab, merges } = randomMerges(seed);
        const listed = form === 'pairs' ? merges : merges.map((pair) => pair.join(' '));
        const definition = { model: { type: 'BPE', vocab, merges: listed } };
        const whole = tokenizer(definition);
        const draw = random(seed, 'texts');
        const texts = Array.from({ length: 30 }, (_, t) =>
          Array.from({ length: 12 }, (_, i) => 'abcd'[draw.integer(12 * t + i, 4)]).join(''),
        );
        const size = Object.keys(vocab).length;
        // what the first texts need: others may need no more
        const wanted = new Set(texts.slice(0, 2).flatMap((each) => whole.encode(each)));
        const made = trimTokenizer(definition, wanted, size);
        const small = tokenizer(made.definition);
        for (const id of wanted) expect(made.kept).toContain(id);
        for (const text of texts) {
          const before = whole.encode(text);
          if (!before.every((id) => made.kept.includes(id))) continue;
          expect(small.encode(text).map((id) => made.kept[id])).toEqual(before);
          same++;
        }
      }),
      { seed: 7, numRuns: 100 },
    );
    expect(same).toBeGreaterThan(300);
  });

  test('signs of what ends and of what continues a word go along', () => {
    const ending = {
      model: {
        type: 'BPE',
        end_of_word_suffix: '</w>',
        vocab: { a: 0, b: 1, 'a</w>': 2, 'b</w>': 3, 'ab</w>': 4, ab: 5, 'aab</w>': 6 },
        merges: ['a b</w>', 'a b', 'a ab</w>'],
      },
    };
    const made = trimTokenizer(ending, [6], 7);
    expect(made.kept).toEqual([0, 3, 4, 6]);
    expect(made.definition.model).toMatchObject({ merges: ['a b</w>', 'a ab</w>'] });
    const continuing = {
      model: {
        type: 'BPE',
        continuing_subword_prefix: '##',
        vocab: { a: 0, '##b': 1, '##c': 2, '##bc': 3, abc: 4, ab: 5 },
        merges: [
          ['##b', '##c'],
          ['a', '##bc'],
          ['a', '##b'],
        ],
      },
    };
    expect(trimTokenizer(continuing, [4], 6).kept).toEqual([0, 1, 2, 3, 4]);
  });

  test('bytes stay, in both spellings, and so does what stands for unknown text', () => {
    const definition = {
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
      model: {
        type: 'BPE',
        unk_token: '?',
        vocab: { x: 0, Ġ: 1, '<0x0A>': 2, 本: 3, '?': 4, xx: 5 },
        merges: [['x', 'x']],
      },
    };
    const made = trimTokenizer(definition, [3], 6);
    expect(made.kept).toEqual([0, 1, 2, 3, 4]);
    expect(made.added).toEqual({ special: 1, bytes: 3, parts: 0 });
  });
});

test('WordPiece takes the longest piece that is left', () => {
  const tokens = ['[UNK]', '[CLS]', '[SEP]', 'un', '##related', '##re', '##lated', 'the', 'other'];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const definition = {
    added_tokens: [0, 1, 2].map((id) => ({ ...addedToken, id, content: tokens[id] })),
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
  const made = trimTokenizer(definition, [3, 4, 8], 9);
  expect(made.kept).toEqual([0, 1, 2, 3, 4, 8]);
  expect(made.definition.post_processor).toEqual({ type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] });
  expect(
    tokenizer(made.definition)
      .encode('unrelated other the')
      .map((id) => made.kept[id]),
  ).toEqual([3, 4, 8, 0]);
});

const addedToken = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };

test('Unigram keeps its list in order, and ids of templates, padding and configurations follow', () => {
  const definition = {
    added_tokens: [{ ...addedToken, id: 5, content: '</s>' }],
    padding: { strategy: 'BatchLongest', pad_id: 5, pad_token: '</s>' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [],
      special_tokens: { '</s>': { id: '</s>', ids: [5], tokens: ['</s>'] } },
    },
    model: {
      type: 'Unigram',
      unk_id: 1,
      vocab: [
        ['a', -1],
        ['<unk>', 0],
        ['b', -2],
        ['ab', -1.5],
        ['c', -3],
        ['</s>', 0],
      ],
    },
  };
  const made = trimTokenizer(definition, [3, 4], 6);
  expect(made.kept).toEqual([1, 3, 4, 5]);
  expect(made.definition).toMatchObject({
    added_tokens: [{ id: 3, content: '</s>' }],
    padding: { pad_id: 3 },
    post_processor: { special_tokens: { '</s>': { ids: [3] } } },
    model: {
      unk_id: 0,
      vocab: [
        ['<unk>', 0],
        ['ab', -1.5],
        ['c', -3],
        ['</s>', 0],
      ],
    },
  });
  expect(
    tokenizer(made.definition)
      .encode('abc', { special: true })
      .map((id) => made.kept[id]),
  ).toEqual([3, 4, 5]);
  const config = { model_max_length: 9, added_tokens_decoder: { 5: { content: '</s>' }, 0: { content: 'gone' } } };
  expect(trimConfig(config, made.kept)).toEqual({
    model_max_length: 9,
    added_tokens_decoder: { 3: { content: '</s>' } },
  });
  expect(trimConfig({ a: 1 }, made.kept)).toEqual({ a: 1 });
});

test('what the model has no row for is left out and told', () => {
  const definition = { model: { type: 'WordLevel', unk_token: 'x', vocab: { x: 0, y: 1, z: 2 } } };
  const made = trimTokenizer(definition, [1], 2);
  expect(made.kept).toEqual([0, 1]);
  expect(made.beyond).toEqual(['z']);
  expect(made.definition.model).toMatchObject({ vocab: { x: 0, y: 1 } });
});

test('only tokenizers of known kinds', () => {
  expect(isTrimmable({ model: { type: 'BPE' } })).toBe(true);
  expect(isTrimmable({ type: 'llama2c-bpe' })).toBe(false);
  expect(isTrimmable({ model: null })).toBe(false);
});
