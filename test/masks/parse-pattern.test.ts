import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { parsePattern } from '../../src/masks/parse-pattern.js';
import { patternOf } from '../../src/masks/patterns.js';

test.each([
  ['0.5', { kind: 'unstructured', sparsity: 0.5 }],
  [' .25 ', { kind: 'unstructured', sparsity: 0.25 }],
  ['0', { kind: 'unstructured', sparsity: 0 }],
  ['5e-1', { kind: 'unstructured', sparsity: 0.5 }],
  ['2:4', { kind: 'n:m', n: 2, m: 4 }],
  ['3:7', { kind: 'n:m', n: 3, m: 7 }],
  ['16x4:0.5', { kind: 'blocks', rows: 16, columns: 4, sparsity: 0.5 }],
])('reads %s', (text, spec) => expect(parsePattern(text)).toEqual(spec));

test.each(['0.5', '2:4', '16x4:0.5'])('writes %s as it was read', (text) => {
  expect(patternOf(parsePattern(text)).text).toBe(text);
});

const example = 'give for example 0.5, 2:4 or 16x4:0.5';
test.each([
  ['50', 'did you mean 0.5?'],
  ['50%', 'did you mean 0.5?'],
  ['33.3 %', 'did you mean 0.333?'],
  ['0,5', 'did you mean 0.5?'],
  ['2/4', 'did you mean 2:4?'],
  ['2-4', 'did you mean 2:4?'],
  ['2 : 4', 'did you mean 2:4?'],
  ['4:2', 'did you mean 2:4?'],
  ['16x4', 'did you mean 16x4:0.5?'],
  ['16X4:0.5', 'did you mean 16x4:0.5?'],
  ['16*4:0.5', 'did you mean 16x4:0.5?'],
  ['16x4:50', 'did you mean 16x4:0.5?'],
  ['1', example],
  ['-0.5', example],
  ['4:4', example],
  ['0:4', example],
  ['0x4:0.5', example],
  ['NaN', example],
  ['half', example],
  ['', example],
])("'%s'", (text, advice) => {
  expect(() => parsePattern(text)).toThrow(
    new UserError('prune', `--pattern expected a fraction in [0, 1), n:m or RxC:fraction, got '${text}'; ${advice}`),
  );
});
