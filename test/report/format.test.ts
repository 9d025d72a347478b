import { describe, expect, test } from 'vitest';
import * as format from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { commandLine } from '../../src/report/shell.js';
import { textTable } from '../../src/report/table.js';
import { visible } from '../../src/report/visible.js';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('numbers', () => {
  const table: [string, string, string][] = [
    ['count', format.count(1234567), '1,234,567'],
    ['compact, small', format.compact(9999), '9,999'],
    ['compact', format.compact(1234567), '1.235 M'],
    ['figure', format.figure(12.3456), '12.35'],
    ['figure, whole', format.figure(12), '12'],
    ['figure, large', format.figure(12345.6), '12,346'],
    ['figure, huge', format.figure(1.5e30), '1.500e+30'],
    ['figure, tiny', format.figure(-1.5e-9), '−1.500e−9'.replace('e−', 'e-')],
    ['figure, none', format.figure(Number.NaN), 'not a number'],
    ['figure, infinite', format.figure(Number.NEGATIVE_INFINITY), '−∞'],
    ['percent', format.percent(0.5), '50.0 %'],
    ['bytes, few', format.bytes(999), '999 B'],
    ['bytes', format.bytes(4_200_000), '4.20 MB'],
    ['change, up', format.change(100, 113.9), '+13.9 %'],
    ['change, down', format.change(100, 68), '−32.0 %'],
    ['change, none', format.change(3, 3), 'unchanged'],
    ['change, hardly', format.change(10000, 10001), '±0.0 %'],
    ['change, many times', format.change(10, 1234), '× 123.4'],
    ['change, from nothing', format.change(0, 3), '—'],
    ['duration, short', format.duration(0.012), '12 ms'],
    ['duration', format.duration(3.21), '3.2 s'],
    ['duration, long', format.duration(3_723), '1 h 2 min 3 s'],
    ['duration, whole minutes', format.duration(180), '3 min'],
    ['shape', format.shapeText([64, 128]), '64 × 128'],
    ['shape of a scalar', format.shapeText([]), 'scalar'],
    ['plural', `${format.plural(1, 'layer')}, ${format.plural(1200, 'layer')}`, '1 layer, 1,200 layers'],
  ];
  test.each(table)('%s', (_, text, expected) => expect(plain(text)).toBe(expected));
});

describe('text tables', () => {
  test('align their columns', () => {
    const columns = [{ title: 'layer' }, { title: 'sparsity', align: 'right' as const }];
    expect(
      textTable(columns, [
        ['fc1', '50.0 %'],
        ['attention', '7 %'],
      ]),
    ).toBe(['layer      sparsity', '─────────  ────────', 'fc1          50.0 %', 'attention       7 %'].join('\n'));
  });

  test('count wide characters as two cells and combining marks as none', () => {
    const rows = [
      ['層', 'a'],
      ['e\u0301', 'b'],
      ['xy', 'c'],
    ];
    expect(
      textTable([{ title: 'n' }, { title: 'm' }], rows)
        .split('\n')
        .slice(2),
    ).toEqual(['層  a', 'e\u0301   b', 'xy  c']);
  });

  test('cut the middle of what is too long', () => {
    expect(textTable([{ title: 'n', maxWidth: 7 }], [['abcdefghij']]).split('\n')[2]).toBe('abc…hij');
  });

  test('keep a cell from steering the terminal', () => {
    expect(textTable([{ title: 'n' }], [['\u001b[31mred\nline']])).toContain('\\u{1b}[31mred\\u{a}line');
  });
});

test('what cannot be seen is spelled out', () => {
  expect(visible('a\u202eb\u0000c\u2028d\ud800e')).toBe('a\\u{202e}b\\u{0}c\\u{2028}d\\u{d800}e');
  expect(visible('größe/層 😀')).toBe('größe/層 😀');
});

test('templates escape strings, keep HTML, join lists and drop what is absent', () => {
  const name = `<a href="x">'&'</a>`;
  expect(html`<p>${name}${html`<b>${1}</b>`}${['x', html`<i></i>`]}${undefined}${false}${0}</p>`.text).toBe(
    '<p>&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;<b>1</b>x<i></i>0</p>',
  );
});

test('command lines can be pasted into a shell', () => {
  expect(commandLine(['scalpel', 'prune', 'my model.onnx', "it's", '--exclude=re:^x$', ''])).toBe(
    `scalpel prune 'my model.onnx' 'it'\\''s' '--exclude=re:^x$' ''`,
  );
});
