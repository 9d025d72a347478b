import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findTokenizer, loadTokenizer } from '../../src/data/tokenizer.js';
import { gptSotu, letterTokenizer, temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();

describe('loadTokenizer', () => {
  test('encodes and decodes with a byte-level BPE', () => {
    const tokenizer = loadTokenizer(join(gptSotu, 'tokenizer.json'));
    const text = "<|endoftext|>Fellow-Citizens, it's 1790 , naïve — 你\n";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.encode(text)[0]).toBe(2047);
    expect(tokenizer.isSpecialToken('<|endoftext|>')).toBe(true);
    expect(tokenizer.isSpecialToken('\n\n')).toBe(false);
    expect(tokenizer.addsSpecialTokens).toBe(false);
  });

  test('knows whether tokens are put around a text', () => {
    const tokenizer = loadTokenizer(write('begins.json', letterTokenizer({ begins: true })));
    expect(tokenizer.addsSpecialTokens).toBe(true);
    expect(tokenizer.encode('ab', { special: true })).toEqual([1, 3, 4]);
    expect(tokenizer.encode('ab')).toEqual([3, 4]);
  });

  const letters = JSON.parse(letterTokenizer());
  test.each<[string, unknown, string | RegExp]>([
    ['not-json', '{', /not-json.json: expected the definition of a Hugging Face tokenizer, got another: .*JSON/],
    [
      'list',
      '[]',
      'list.json: expected the definition of a Hugging Face tokenizer, got another: its content is not an object; export it again, or give token ids (.npy)',
    ],
    ['empty', {}, /empty.json: expected the definition of a Hugging Face tokenizer, got another: /],
    [
      'scores',
      { type: 'llama2c-bpe', tokens_latin1: [], scores: [] },
      /scores.json: expected the definition of a Hugging Face tokenizer, got another: /,
    ],
    ['kind', { ...letters, model: { type: 'Magic' } }, /Unknown TokenizerModel type: Magic/],
    [
      'no-merges',
      { ...letters, model: { type: 'BPE', vocab: {} } },
      /expected the definition of a Hugging Face tokenizer, got another: /,
    ],
    [
      'normalizer',
      { ...letters, normalizer: { type: 'Magic' } },
      /expected the definition of a Hugging Face tokenizer, got another: /,
    ],
  ])('refuses %s', (name, content, message) => {
    const path = write(`${name}.json`, typeof content === 'string' ? content : JSON.stringify(content));
    expect(() => loadTokenizer(path)).toThrow(message);
  });

  test('refuses a missing file, and a malformed configuration beside', () => {
    expect(() => loadTokenizer(join(folder, 'none.json'))).toThrow('none.json: no such file');
    const path = write('beside/tokenizer.json', letterTokenizer());
    write('beside/tokenizer_config.json', '[]');
    expect(() => loadTokenizer(path)).toThrow(
      'tokenizer_config.json: expected the configuration of a tokenizer, got another: its content is not an object; export it again, or give token ids (.npy)',
    );
  });

  test('drops text without a token where there is none for unknown text', () => {
    const model = { ...letters.model, unk_token: null };
    const tokenizer = loadTokenizer(write('partial.json', JSON.stringify({ ...letters, model })));
    expect(tokenizer.encode('ab')).toEqual([3, 4]);
    expect(tokenizer.encode('aZb')).toEqual([3, 4]);
  });
});

test('findTokenizer looks beside the model, then in the folder above', () => {
  const path = write('export/tokenizer.json', '{}');
  expect(findTokenizer(join(folder, 'export/onnx/model.onnx'))).toBe(path);
  expect(findTokenizer(join(folder, 'export/model.onnx'))).toBe(path);
  expect(findTokenizer(join(folder, 'other/deep/model.onnx'))).toBeUndefined();
});
