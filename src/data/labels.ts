/** Labels as files say them (names, numbers) to the numbers of classes, 0, 1, 2, … */
import { UserError } from '../errors.js';
import type { Label } from './reader.js';
import { readNumber, shortened } from './readers/numbers.js';

export interface ClassLabels {
  /** The class of each record. */
  readonly labels: Int32Array;
  /** What the files call each class, by its number; those that do not occur are here too where they are known. */
  readonly names: readonly string[];
  /** One sentence: which label is which class, and why. */
  readonly description: string;
}

/**
 * The order of the classes is the one given, or else the one the files declare. Without either, whole numbers that begin at 0 are the
 * numbers of the classes, and other labels are sorted: by size where all are numbers, by code units where they are not.
 * @param declared the classes that the files list. @param given those that the user lists.
 * @throws UserError naming the first label that is none of the classes given or declared.
 */
export function mapLabels(
  labels: readonly Label[],
  declared: readonly Label[] | undefined,
  where: string,
  given?: readonly Label[] | undefined,
): ClassLabels {
  const words = new Map<Label, string>();
  const spelled = labels.map((label) => {
    const known = words.get(label);
    if (known !== undefined) return known;
    const word = canonical(label);
    words.set(label, word);
    return word;
  });
  const { names, order } = classNames(new Set(spelled), declared, where, given);
  return mapped(spelled, names, order, where);
}

/** The classes in their order, and why it is this one; empty where the labels are the numbers of the classes. */
export interface ClassNames {
  readonly names: readonly string[];
  readonly order: string;
}

/** As `mapLabels` orders them. @param spelled the `canonical` labels that occur. @throws UserError for a class that is listed twice. */
export function classNames(
  spelled: ReadonlySet<string>,
  declared: readonly Label[] | undefined,
  where: string,
  given?: readonly Label[] | undefined,
): ClassNames {
  const listed = given ?? declared;
  if (!listed) return orderOf(spelled);
  const names = listed.map(canonical);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new UserError(where, `expected each class once, got '${twice}' twice; name it once in --classes`);
  return { names, order: given ? 'as given' : 'in the order that the files declare' };
}

/** `1`, `1.0` and the number 1 are one label. */
export function canonical(label: Label): string {
  if (typeof label === 'number') return String(label);
  const value = readNumber(label);
  return value === undefined || Number.isNaN(value) ? label : String(value);
}

/** More classes than any model tells apart; numbers beyond are no numbers of classes. */
const mostClasses = 1_000_000;

function orderOf(distinct: ReadonlySet<string>): ClassNames {
  const words = [...distinct];
  const numbers = words.map(Number);
  const areNumbers = numbers.every((value, i) => String(value) === words[i]);
  if (!areNumbers) return { names: words.sort(byCodeUnit), order: 'sorted' };
  const largest = numbers.reduce((most, value) => Math.max(most, value), 0);
  const areClasses = distinct.has('0') && numbers.every((value) => Number.isInteger(value) && value >= 0);
  if (areClasses && largest < mostClasses)
    return { names: Array.from({ length: largest + 1 }, (_, i) => String(i)), order: '' };
  return { names: words.sort((a, b) => Number(a) - Number(b)), order: 'sorted' };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function mapped(labels: readonly string[], names: readonly string[], order: string, where: string): ClassLabels {
  const classOf = new Map(names.map((name, index) => [name, index]));
  const classes = Int32Array.from(labels, (label, record) => {
    const index = classOf.get(label);
    if (index !== undefined) return index;
    throw new UserError(
      where,
      `expected one of the classes ${listedClasses(names)}, got '${shortened(label)}' for sample ${record}; name all of them with --classes`,
    );
  });
  return { labels: classes, names, description: describeClasses({ names, order }) };
}

/** Which label is which class, in one sentence. */
export const describeClasses = ({ names, order }: ClassNames): string =>
  order === ''
    ? `labels are the numbers of the classes, 0 to ${names.length - 1}`
    : `labels ${listedClasses(names)} are the classes 0 to ${names.length - 1}, ${order}`;

const mostListed = 12;

/** Names of classes in a message: not too many, none too long. */
export function listedClasses(names: readonly string[]): string {
  const shown = names.map(shortened);
  if (names.length <= mostListed) return shown.join(', ');
  return `${shown.slice(0, mostListed - 1).join(', ')}, …, ${shown.at(-1)}`;
}
