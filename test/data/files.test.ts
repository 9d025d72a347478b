import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expandFiles, packageFolder } from '../../src/data/files.js';
import { temporaryFolder } from './models.js';

const { folder, write } = temporaryFolder();
for (const name of ['b.txt', 'a.txt', 'B.txt', 'sub/c.txt', 'sub/[x].txt']) write(name, name);
for (const name of ['train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz']) write(`digits/${name}`, name);
for (const name of ['readme', 'a.csv', 'b.md', 'c.csv']) write(`tables/${name}`, name);
mkdirSync(join(folder, 'nothing'));
symlinkSync(join(folder, 'a.txt'), join(folder, 'link.txt'));
mkdirSync(join(folder, 'node_modules/@scope/texts'), { recursive: true });

const names = (...patterns: string[]) => expandFiles(patterns, folder).map((path) => path.slice(folder.length + 1));

describe('expandFiles', () => {
  test.each([
    [
      ['b.txt', 'a.txt'],
      ['b.txt', 'a.txt'],
    ],
    [['*.txt'], ['B.txt', 'a.txt', 'b.txt', 'link.txt']],
    [['**/c.txt'], ['sub/c.txt']],
    [
      ['a.txt', '{a,b}.txt'],
      ['a.txt', 'b.txt'],
    ],
    [['sub/[x].txt'], ['sub/[x].txt']],
  ])('%j is %j', (patterns, expected) => {
    expect(names(...patterns)).toEqual(expected);
  });

  test.each([
    ['none.txt', 'none.txt: no such file'],
    ['*.md', '*.md: the pattern matches no file'],
    ['nowhere/*.md', 'nowhere/*.md: the pattern matches no file'],
    ['sub', "sub: expected a folder of pictures (.jpg, .jpeg, .png), got none; name other files, such as 'sub/*.txt'"],
    [
      'digits',
      "digits: expected a folder of pictures (.jpg, .jpeg, .png), got none; name other files, such as 'digits/t10k-images-idx3-ubyte.gz'; its labels are found beside it",
    ],
    ['tables', /got none; name other files, such as 'tables\/\*\.csv'$/],
    ['nothing', 'nothing: expected a folder of pictures (.jpg, .jpeg, .png), got an empty one; check the path'],
  ])('%s is refused', (pattern, message) => {
    expect(() => names(pattern)).toThrow(message);
  });
});

describe('packageFolder', () => {
  const from = join(folder, 'sub/set.yaml');

  test('looks where an import would', () => {
    expect(basename(packageFolder('@scope/texts', from))).toBe('texts');
  });

  test.each([
    ['@scope/other', `${from}: the package '@scope/other' is not installed; run npm install @scope/other`],
    ['../texts', `${from}: expected the name of an npm package, got '../texts'`],
    ['@scope/../../x', /expected the name of an npm package/],
  ])('%s is refused', (name, message) => {
    expect(() => packageFolder(name, from)).toThrow(message);
  });
});
