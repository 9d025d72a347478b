import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText, type Joining, joiningOf } from '../../src/data/text.js';
import { loadTokenizer } from '../../src/data/tokenizer.js';
import { asTokens, cutStream, takeWindows } from '../../src/data/windows.js';
import { int64, tensor } from '../../src/tensor/tensor.js';
import { gptSotu, idsOf, letterTokenizer, temporaryFolder } from './models.js';

const { write } = temporaryFolder();
const letters = loadTokenizer(write('letters.json', letterTokenizer()));
const begins = loadTokenizer(write('begins.json', letterTokenizer({ begins: true })));
const bytes = loadTokenizer(join(gptSotu, 'tokenizer.json'));
const first = { order: 'first', seed: 0 } as const;

describe('joiningOf', () => {
  test.each([
    ['a special token marks documents', '<|endoftext|>', bytes, { kind: 'marked', token: '<|endoftext|>' }],
    ['other text joins them', '---', bytes, { kind: 'joined', separator: '---' }],
    ['a blank line joins them by default', undefined, bytes, { kind: 'joined', separator: '\n\n' }],
    ["the tokenizer's own tokens come before", undefined, begins, { kind: 'separate' }],
  ])('%s', (_, separator, tokenizer, joining) => {
    expect(joiningOf(separator, tokenizer)).toEqual(joining);
  });
});

describe('cutText from the start', () => {
  const cut = (documents: string[], tokenizer = letters, samples?: number) =>
    tokenizer.decode(
      idsOf(cutText(documents, tokenizer, joiningOf(undefined, tokenizer), { ...first, seqLen: 3, samples }, 'text')),
    );

  test('joins documents, and drops the partial window at the end', () => {
    expect(cut(['abc', 'defg'])).toBe('abc\n\ndefg');
    expect(cut(['abc', 'defgh'])).toBe('abc\n\ndefg');
  });

  test('puts special tokens before each document', () => {
    const ids = cutText(['ab', 'cd'], begins, { kind: 'separate' }, { ...first, seqLen: 3 }, 'text');
    expect(idsOf(ids)).toEqual([1, 3, 4, 1, 5, 6]);
  });

  test('marked documents tokenised one by one are as when joined', () => {
    const documents = ['One, two.\n', ' three', 'four'];
    const joined = bytes.encode(documents.map((text) => `<|endoftext|>${text}`).join(''));
    const joining: Joining = { kind: 'marked', token: '<|endoftext|>' };
    const cut = cutText(documents, bytes, joining, { ...first, seqLen: joined.length }, 'text');
    expect(idsOf(cut)).toEqual(joined);
  });

  test('says how much text there is when it is too little', () => {
    expect(() => cut(['ab'])).toThrow(
      'text: expected 1 windows of 3 tokens, got 0 from 2 tokens; give more text, fewer samples or shorter windows',
    );
    expect(() => cut(['abcdefg'], letters, 3)).toThrow('text: expected 3 windows of 3 tokens, got 2 from 7 tokens');
  });
});

describe('excerpts', () => {
  const prose = 'it was a cold day\nand the sea was grey. ';
  const documents = Array.from({ length: 9 }, (_, i) => prose.repeat(1 + (i % 3)).trim());
  const options = { order: 'random', seed: 3, seqLen: 20, samples: 40 } as const;
  const rows = (ids: number[]) => Array.from({ length: ids.length / 20 }, (_, i) => ids.slice(i * 20, (i + 1) * 20));

  test.each([
    ['joined', letters, documents.join('\n\n')],
    ['separate', begins, documents.map((text) => `<s>${text}`).join('')],
    ['marked', bytes, documents.map((text) => `<|endoftext|>${text}`).join('')],
  ] as const)('are parts of the text (%s)', (kind, tokenizer, whole) => {
    const joining = joiningOf(kind === 'marked' ? '<|endoftext|>' : undefined, tokenizer);
    expect(joining.kind).toBe(kind);
    const windows = rows(idsOf(cutText(documents, tokenizer, joining, options, 'text')));
    expect(windows).toHaveLength(40);
    for (const window of windows) expect(whole).toContain(tokenizer.decode(window));
  });

  test('come from text without spaces too', () => {
    const text = '天地玄黄宇宙洪荒😀'.repeat(20);
    const windows = rows(idsOf(cutText([text], bytes, joiningOf(undefined, bytes), options, 'text')));
    // a window may begin or end within a character
    for (const window of windows) expect(text).toContain(bytes.decode(window).replaceAll('\uFFFD', ''));
  });

  test('depend on the seed alone', () => {
    const draw = (seed: number) =>
      idsOf(cutText(documents, letters, joiningOf(undefined, letters), { ...options, seed }, 'text'));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test('of text that is too short are refused', () => {
    expect(() => cutText(['abc'], letters, joiningOf(undefined, letters), options, 'text')).toThrow(
      'text: expected 40 windows of 20 tokens, got 0',
    );
  });
});

describe('windows of stored ids', () => {
  const stream = int64(
    [10],
    Array.from({ length: 10 }, (_, i) => i),
  );

  test('lie side by side, or start at different places', () => {
    expect(idsOf(cutStream(stream, { ...first, seqLen: 4 }, 'ids'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 7 }), (seed, samples) => {
        const { shape, ...windows } = cutStream(stream, { order: 'random', seed, seqLen: 4, samples }, 'ids');
        const ids = idsOf({ shape, ...windows });
        const starts = ids.filter((_, i) => i % 4 === 0);
        expect(new Set(starts).size).toBe(samples);
        expect(ids).toEqual(starts.flatMap((start) => [start, start + 1, start + 2, start + 3]));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('all keep their order; a part is drawn when asked for', () => {
    const windows = int64(
      [5, 2],
      Array.from({ length: 10 }, (_, i) => i),
    );
    expect(idsOf(takeWindows(windows, { order: 'random', seed: 0, seqLen: 2 }, 'ids'))).toEqual(idsOf(windows));
    expect(idsOf(takeWindows(windows, { ...first, seqLen: 2, samples: 2 }, 'ids'))).toEqual([0, 1, 2, 3]);
    const drawn = idsOf(takeWindows(windows, { order: 'random', seed: 5, seqLen: 2, samples: 3 }, 'ids'));
    expect(drawn.filter((_, i) => i % 2 === 1)).toEqual(drawn.filter((_, i) => i % 2 === 0).map((id) => id + 1));
    expect(() => takeWindows(windows, { ...first, seqLen: 3 }, 'ids')).toThrow(
      'ids: expected windows of 3 tokens, got 2; leave the length out or cut them again',
    );
    expect(() => takeWindows(windows, { ...first, seqLen: 2, samples: 6 }, 'ids')).toThrow(
      'ids: expected 6 windows, got 5; ask for fewer',
    );
  });

  test('may be of any integer type', () => {
    expect(idsOf(asTokens(tensor('uint16', [2], Uint16Array.of(1, 65535)), 'ids'))).toEqual([1, 65535]);
    expect(() => asTokens(tensor('float32', [1], new Float32Array(1)), 'ids')).toThrow(
      'ids: expected token ids of an integer type, got float32',
    );
  });
});
