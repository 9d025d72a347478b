/** Kinds of option: each reads the words given on the command line into one value, or refuses them with a reason. */
import type { Options } from 'yargs';
import { nearest } from '../nearest.js';

/** Throws a UserError about the option at hand; `problem` reads on from its name. */
export type Refuse = (problem: string) => never;

export interface Option<T> {
  /** What yargs needs to know to parse it and to print it in `--help`. */
  readonly settings: Options;
  /** @param given every word of the option, in order; undefined when it is absent. */
  read(given: readonly string[] | undefined, refuse: Refuse): T;
}

/** The values of a record of options. */
export type ValuesOf<Record_ extends Readonly<Record<string, Option<unknown>>>> = {
  readonly [Name in keyof Record_]: Record_[Name] extends Option<infer T> ? T : never;
};

/** Reads one word. */
export type Reader<T> = (word: string, refuse: Refuse) => T;

/** An option that may be left out. */
export const optional = <T>(describe: string, reader: Reader<T>, settings: Options = {}): Option<T | undefined> => ({
  settings: single(describe, settings),
  read: (given, refuse) => (given ? reader(only(given, refuse), refuse) : undefined),
});

/** An option that must be given. */
export const required = <T>(describe: string, reader: Reader<T>, settings: Options = {}): Option<T> => ({
  settings: { ...single(describe, settings), demandOption: true },
  read: (given, refuse) => reader(only(given ?? [], refuse), refuse),
});

/** An option with a default, written as on the command line. */
export const withDefault = <T>(
  describe: string,
  reader: Reader<T>,
  fallback: string,
  settings: Options = {},
): Option<T> => ({
  settings: { ...single(describe, settings), defaultDescription: fallback },
  read: (given, refuse) => reader(given ? only(given, refuse) : fallback, refuse),
});

/** An option that takes several words, and may be given several times. */
export const several = <T>(describe: string, reader: Reader<T>, settings: Options = {}): Option<readonly T[]> => ({
  settings: { describe, type: 'array', string: true, requiresArg: true, ...settings },
  read: (given = [], refuse) => given.map((word) => reader(word, refuse)),
});

/** As `several`, but at least one. */
export const someOf = <T>(describe: string, reader: Reader<T>, settings: Options = {}): Option<readonly T[]> => {
  const { settings: parsed, read } = several(describe, reader, settings);
  return { settings: { ...parsed, demandOption: true }, read };
};

/** An option that takes one word each time it is given. */
export const repeated = <T>(describe: string, reader: Reader<T>, settings: Options = {}): Option<readonly T[]> => ({
  ...several(describe, reader),
  settings: single(describe, settings),
});

/** An option without a word. */
export const toggle = (describe: string, settings: Options = {}): Option<boolean> => ({
  settings: { describe, type: 'boolean', ...settings },
  read: (given) => given !== undefined,
});

const single = (describe: string, settings: Options): Options => ({
  describe,
  type: 'string',
  requiresArg: true,
  ...settings,
});

function only(given: readonly string[], refuse: Refuse): string {
  if (given.length !== 1) refuse(`expected one value, got ${given.length}; give it once`);
  const word = given[0] as string;
  return word === '' ? refuse('expected a value, got an empty one; give one') : word;
}

export const word: Reader<string> = (text, refuse) =>
  text === '' ? refuse('expected a value, got an empty one; give one') : text;

/** One of `choices`. */
export const oneOf =
  <const T extends string>(choices: readonly T[]): Reader<T> =>
  (text, refuse) => {
    if ((choices as readonly string[]).includes(text)) return text as T;
    const meant = nearest(text, choices);
    return refuse(`expected ${listed(choices, 'or')}, got '${text}'${meant ? `; did you mean ${meant}?` : ''}`);
  };

export interface Range {
  readonly from?: number;
  readonly to?: number;
  /** Whether `to` itself is outside. */
  readonly below?: number;
}

/** A finite number in a range. */
export const number =
  (range: Range = {}): Reader<number> =>
  (text, refuse) => {
    const value = Number(text);
    const fits = text.trim() !== '' && Number.isFinite(value) && isWithin(value, range);
    return fits ? value : refuse(`expected a number${rangeText(range)}, got '${text}'`);
  };

/** A whole number in a range. */
export const integer =
  (range: Range = {}): Reader<number> =>
  (text, refuse) => {
    const value = Number(text);
    const fits = /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value) && isWithin(value, range);
    return fits ? value : refuse(`expected a whole number${rangeText(range)}, got '${text}'`);
  };

const units: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** A number of bytes: `500MB`, `1.5GiB`. */
export const bytes: Reader<number> = (text, refuse) => {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
  const scale = units[(unit ?? '').toUpperCase()];
  const value = Math.round(Number(figure) * (scale ?? Number.NaN));
  return Number.isSafeInteger(value) ? value : refuse(`expected a size such as 500MB or 2GB, got '${text}'`);
};

/** `KEY=VALUE`, cut at the last `=`: a key may be a regular expression. */
export const pair =
  <T>(key: string, value: string, reader: Reader<T>): Reader<readonly [string, T]> =>
  (text, refuse) => {
    const cut = text.lastIndexOf('=');
    if (cut < 1 || cut === text.length - 1) return refuse(`expected ${key}=${value}, got '${text}'`);
    const read = reader(text.slice(cut + 1), (problem) => refuse(`'${text.slice(0, cut)}' ${problem}`));
    return [text.slice(0, cut), read];
  };

const isWithin = (value: number, { from = -Infinity, to = Infinity, below = Infinity }: Range): boolean =>
  value >= from && value <= to && value < below;

function rangeText({ from, to, below }: Range): string {
  if (from === undefined) return '';
  if (below !== undefined) return ` in [${from}, ${below})`;
  return to === undefined ? ` of at least ${from}` : ` in [${from}, ${to}]`;
}

/** `a, b or c`. */
export const listed = (words: readonly string[], conjunction: 'and' | 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
