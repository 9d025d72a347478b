import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { occurringTokens, readTokenList } from '../../src/data/token-list.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { float32, int64, tensor } from '../../src/tensor/tensor.js';

const folder = mkdtempSync(join(tmpdir(), 'scalpel-tokens-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a list of tokens', () => {
  test.each([
    ['lines.txt', '7\n3\n\n7\n'],
    ['commas.csv', '3, 7,3'],
    ['list.json', '[7, 3, 3]'],
    ['wide.npy', encodeNpy(int64([2, 2], [7, 3, 7, 3]))],
    ['narrow.npy', encodeNpy(tensor('uint16', [2], Uint16Array.of(3, 7)))],
  ])('%s', (name, content) => {
    expect(Array.from(readTokenList(file(name, content)))).toEqual([3, 7]);
  });

  test.each([
    ['words.txt', 'the\n', /expected token ids with spaces, line breaks or commas between, got 'the'/],
    ['negative.json', '[1, -2]', /expected token ids, whole numbers from 0 on, got -2/],
    ['half.json', '[0.5]', /whole numbers from 0 on, got 0\.5/],
    ['object.json', '{"a": 1}', /expected a list of token ids/],
    ['broken.json', '[1,', /expected JSON/],
    ['empty.txt', ' \n', /expected at least one token id, got none/],
    ['floats.npy', encodeNpy(float32([1], Float32Array.of(1))), /expected token ids as integers, got float32/],
    ['large.npy', encodeNpy(int64([1], [2 ** 40])), /whole numbers from 0 on, got 1099511627776/],
  ])('%s is refused', (name, content, message) => {
    const path = file(name, content);
    expect(() => readTokenList(path)).toThrow(message);
    expect(() => readTokenList(path)).toThrow(path);
  });

  test('a file that is missing, and a folder', () => {
    expect(() => readTokenList(join(folder, 'nothing.txt'))).toThrow(/no such file; check the path/);
    expect(() => readTokenList(folder)).toThrow(/expected a file of token ids, got something else/);
  });

  test('those that occur in data', () => {
    expect(Array.from(occurringTokens(int64([2, 3], [5, 1, 5, 1, 9, 1]), 'data'))).toEqual([1, 5, 9]);
  });
});
