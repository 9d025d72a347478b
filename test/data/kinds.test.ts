/** docs/data.md names every kind of data and every preset. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kindOf, kinds, readerOf } from '../../src/data/kinds.js';
import { type PresetName, presets } from '../../src/data/preprocess/presets.js';
import type { Steps } from '../../src/data/preprocess/steps.js';
import { root } from './models.js';

const page = readFileSync(join(root, 'docs/data.md'), 'utf8');
const rowOf = (name: string): string => page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';

describe('docs/data.md', () => {
  test.each(kinds)('%s has its row, with the ends of its names', (kind) => {
    expect(rowOf(kind)).not.toBe('');
    for (const suffix of readerOf(kind)?.suffixes ?? []) expect(rowOf(kind)).toContain(suffix);
  });

  test.each(Object.keys(presets) as PresetName[])('%s has its row, with its numbers', (name) => {
    const { channels, mean = [], std = [] }: Steps = presets[name];
    for (const word of [channels ?? '', ...mean, ...std]) expect(rowOf(name)).toContain(String(word));
  });
});

test.each([
  ['a/B.JPG', 'images'],
  ['t10k-images-idx3-ubyte.gz', 'idx'],
  ['x.ts', 'ts'],
  ['x.tsv', 'tsv'],
  ['x.npz', 'arrays'],
])('%s is of kind %s', (path, kind) => {
  expect(kindOf(path)).toBe(kind);
});
