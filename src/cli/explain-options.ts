/** Options of `scalpel explain` that are more than a word or a number, and how they are read. */
import { explainerNamed, explainerNames } from '../counterfactual/catalogue.js';
import { UserError } from '../errors.js';
import type { AskedExplainer, AskedGoal } from '../pipeline/explain/request.js';
import { askedMethods } from './asked-methods.js';
import type { Reader } from './values.js';

/** `other`, an offset `+N`, or a class by name or number. */
export const target: Reader<AskedGoal> = (text) => {
  if (text === 'other') return { kind: text };
  if (/^\+\d{1,6}$/.test(text)) return { kind: 'offset', by: Number(text) };
  return { kind: 'class', name: text };
};

/** `LOW,HIGH`, either of which may be left out. */
export const openRange: Reader<AskedGoal> = (text, refuse) => {
  const [low = '', high = '', ...rest] = text.split(',').map((word) => word.trim());
  const ends = [
    low === '' ? Number.NEGATIVE_INFINITY : Number(low),
    high === '' ? Number.POSITIVE_INFINITY : Number(high),
  ];
  const isRange = rest.length === 0 && text.includes(',') && !ends.some(Number.isNaN) && ends.some(Number.isFinite);
  if (!isRange) return refuse(`expected LOW,HIGH, LOW, or ,HIGH, got '${text}'`);
  return ends[0]! < ends[1]!
    ? { kind: 'range', low: ends[0]!, high: ends[1]! }
    : refuse(`expected the lower number first, got '${text}'; turn them`);
};

/** `3,10-12`: numbers of samples from 0. */
export const rowNumbers: Reader<readonly number[]> = (text, refuse) =>
  text.split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || last < first || last - first > 1e6)
      return refuse(`expected numbers such as 3 or 10-12, got '${part}'`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });

/** @throws UserError for both at once. */
export function goalFrom(wanted: AskedGoal | undefined, range: AskedGoal | undefined): AskedGoal {
  if (wanted && range)
    throw new UserError('explain', '--target expected no --range, which is for regressors; leave one out');
  return range ?? wanted ?? { kind: 'other' };
}

/** Without a name S-CFE. @throws UserError for names that are none, and for settings that no method takes. */
export const askedExplainers = (
  names: readonly string[],
  settings: readonly (readonly [string, string])[],
): AskedExplainer[] =>
  askedMethods(
    {
      command: 'explain',
      option: '--method',
      names: explainerNames,
      optionsOf: (name) => explainerNamed(name).options,
    },
    names.length > 0 ? names.flatMap((each) => each.split(',')) : ['scfe'],
    settings,
  );
