import { describe, expect, test } from 'vitest';
import { fileSize, grouped, percent, textTable } from '../../src/cli/text-table.js';

describe('textTable', () => {
  test('aligns the first column left and the others right', () => {
    expect(
      textTable([
        ['', 'before', 'after'],
        ['perplexity', '22.18', '30.4'],
      ]),
    ).toBe(['            before  after', 'perplexity   22.18   30.4'].join('\n'));
  });

  test('takes rows of different lengths and leaves no trailing blanks', () => {
    expect(textTable([['a'], ['bbb', 'c']], ['left', 'left'])).toBe('a\nbbb  c');
  });
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [3_090_432, '3,090,432'],
])('grouped(%i) is %s', (count, text) => expect(grouped(count)).toBe(text));

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [12_345_678, '12.3 MB'],
  [2.5e9, '2.5 GB'],
])('fileSize(%i) is %s', (bytes, text) => expect(fileSize(bytes)).toBe(text));

test('percent keeps one digit', () => expect(percent(0.5004)).toBe('50.0 %'));
