/** Every kind of option: what it reads, and the whole of what it says when it cannot. */
import { describe, expect, test } from 'vitest';
import {
  integer,
  number,
  type Option,
  oneOf,
  optional,
  pair,
  repeated,
  required,
  several,
  toggle,
  withDefault,
  word,
} from '../../src/cli/values.js';

class Refused extends Error {}

const read = <T>(option: Option<T>, ...given: readonly string[]): T =>
  option.read(given.length > 0 ? given : undefined, (problem) => {
    throw new Refused(problem);
  });

const fraction = number({ from: 0, below: 1 });

describe('read', () => {
  test.each<[string, Option<unknown>, string[], unknown]>([
    ['an absent optional', optional('', word), [], undefined],
    ['a word', optional('', word), ['a'], 'a'],
    ['a default', withDefault('', integer(), '3'), [], 3],
    ['a default overruled', withDefault('', integer(), '3'), ['4'], 4],
    ['no words', several('', word), [], []],
    ['several words', several('', word), ['a', 'b'], ['a', 'b']],
    ['a fraction', required('', fraction), ['.5'], 0.5],
    ['zero', required('', fraction), ['0'], 0],
    ['an exponent', required('', number()), ['1e-3'], 0.001],
    ['one of the choices', required('', oneOf(['row', 'matrix'])), ['row'], 'row'],
    [
      'pairs',
      repeated('', pair('GLOB', 'FRACTION', fraction)),
      ['re:a=b=0.3', '*=0'],
      [
        ['re:a=b', 0.3],
        ['*', 0],
      ],
    ],
    ['an absent toggle', toggle(''), [], false],
    ['a toggle', toggle(''), ['true'], true],
  ])('%s', (_, option, given, value) => {
    expect(read(option, ...given)).toEqual(value);
  });
});

describe('refuse', () => {
  test.each<[string, Option<unknown>, string[], string]>([
    ['two words', required('', word), ['a', 'b'], 'expected one value, got 2; give it once'],
    ['an empty word', required('', word), [''], 'expected a value, got an empty one; give one'],
    ['letters', required('', integer({ from: 1 })), ['ten'], "expected a whole number of at least 1, got 'ten'"],
    [
      'a fraction for a count',
      required('', integer({ from: 1 })),
      ['1.5'],
      "expected a whole number of at least 1, got '1.5'",
    ],
    ['too small', required('', integer({ from: 1 })), ['0'], "expected a whole number of at least 1, got '0'"],
    [
      'beyond exact numbers',
      required('', integer()),
      ['99999999999999999999'],
      "expected a whole number, got '99999999999999999999'",
    ],
    ['one where below one is meant', required('', fraction), ['1'], "expected a number in [0, 1), got '1'"],
    ['infinity', required('', number()), ['Infinity'], "expected a number, got 'Infinity'"],
    ['a blank', required('', number()), [' '], "expected a number, got ' '"],
    [
      'a near choice',
      required('', oneOf(['row', 'matrix'])),
      ['matrx'],
      "expected row or matrix, got 'matrx'; did you mean matrix?",
    ],
    ['a far choice', required('', oneOf(['row', 'matrix'])), ['xyz'], "expected row or matrix, got 'xyz'"],
    ['no pair', repeated('', pair('K', 'V', word)), ['a'], "expected K=V, got 'a'"],
    ['a pair without a key', repeated('', pair('K', 'V', word)), ['=a'], "expected K=V, got '=a'"],
    [
      'a wrong value in a pair',
      repeated('', pair('K', 'V', fraction)),
      ['a=2'],
      "'a' expected a number in [0, 1), got '2'",
    ],
  ])('%s', (_, option, given, message) => {
    expect(() => read(option, ...given)).toThrow(new Refused(message));
  });
});
