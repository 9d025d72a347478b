import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDescriptor } from '../../src/data/descriptor.js';
import { temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();
for (let i = 0; i < 7; i++) write(`texts/${i}.txt`, `${i}`);
let written = 0;
const descriptor = (text: string) => loadDescriptor(write(`set-${written++}.yaml`, text));
const names = (text: string) => descriptor(text).files.map((path) => path.slice(join(folder, 'texts/').length));

describe('loadDescriptor', () => {
  test('finds files and the tokenizer beside itself', () => {
    const found = descriptor('kind: text\nfiles: texts/*.txt\ntokenizer: ./tokenizer.json\nseqLen: 8\n');
    expect(found).toMatchObject({ kind: 'text', tokenizer: join(folder, 'tokenizer.json'), seqLen: 8 });
    expect(found.files).toHaveLength(7);
  });

  test('JSON is YAML', () => {
    expect(names('{"kind": "text", "files": ["texts/1.txt", "texts/0.txt"]}')).toEqual(['1.txt', '0.txt']);
  });

  test('splits files into those held out and the rest', () => {
    const split = (part: string) =>
      names(`{kind: text, files: texts/*.txt, split: {every: 3, from: 1, part: ${part}}}`);
    expect(split('heldout')).toEqual(['1.txt', '4.txt']);
    expect(split('train')).toEqual(['0.txt', '2.txt', '3.txt', '5.txt', '6.txt']);
  });

  test.each([
    [
      'kind: pictures\nfiles: a',
      /^.*: 'kind': invalid option: expected one of "text"\|"tokens"\|"arrays"\|"images"\|.*\|"mixed"/,
    ],
    ['kind: text', /'files': invalid input/],
    ['kind: text\nfiles: a\nseqlen: 4', /unrecognized key: "seqlen"/],
    ['kind: text\nfiles: a\nseqLen: -4', /'seqLen': too small/],
    ['- 1', /invalid input: expected object, received array/],
    ['a: [', /expected YAML or JSON, got /],
    ['kind: text\nfiles: none/*.txt', 'none/*.txt: the pattern matches no file'],
    [
      'kind: text\nfiles: a\npackage: not-installed-anywhere',
      /: the package 'not-installed-anywhere' is not installed; run npm install not-installed-anywhere$/,
    ],
    ['{kind: text, files: texts/0.txt, split: {every: 3, from: 1, part: heldout}}', "'split': leaves none of 1 files"],
    ['a: &a [x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]', /expected YAML or JSON, got /],
  ])('refuses %j', (text, message) => {
    expect(() => descriptor(text)).toThrow(message);
  });
});
