/** Labels of all sets as the numbers of one list of classes, which the training set names. */
import { UserError } from '../../errors.js';
import { type ClassNames, canonical, classNames, listedClasses } from '../labels.js';
import type { Label } from '../reader.js';
import { shortened } from '../readers/numbers.js';
import { isUnlabelled } from '../readers/unlabelled.js';
import type { SeriesPart } from './part.js';

/** The class of a series without a label. */
export const unlabelled = -1;

export interface LabelReading {
  /** Labels in the order of the classes; default: as the training files say, or sorted. */
  readonly classes?: readonly Label[] | undefined;
  /** Who lists them, in errors; default: the option. */
  readonly classesBy?: string | undefined;
  /** The label that marks series without one, where empty, `?` and NaN do not. */
  readonly noLabel?: Label | undefined;
}

/**
 * The classes that the training files name.
 * @throws UserError when no series is labelled, or all labels are of one class.
 */
export function namedClasses(parts: readonly SeriesPart[], reading: LabelReading, where: string): ClassNames {
  const isKnown = labelTest(reading);
  const spelled = new Set(parts.flatMap(({ labels = [] }) => labels.filter(isKnown).map(canonical)));
  if (spelled.size === 0) {
    throw new UserError(
      where,
      'expected labelled series, got none with a label; say which column holds the labels (--label-column), or what the files are (--kind)',
    );
  }
  const declared = parts.find((part) => part.declared)?.declared;
  const named = classNames(spelled, declared, where, reading.classes);
  const [only] = spelled;
  if (spelled.size > 1) return named;
  throw new UserError(
    where,
    `expected series of at least two classes, got '${only}' alone; give series of other classes`,
  );
}

/**
 * The class of each series, -1 without a label.
 * @throws UserError naming the first label that is none of the classes.
 */
export function classNumbers(part: SeriesPart, names: readonly string[], reading: LabelReading): Int32Array {
  const { labels, where, count } = part;
  if (!labels) return new Int32Array(count).fill(unlabelled);
  const isKnown = labelTest(reading);
  const numbers = new Map(names.map((name, number) => [name, number]));
  return Int32Array.from(labels, (label, row) => {
    if (!isKnown(label)) return unlabelled;
    const number = numbers.get(canonical(label));
    if (number !== undefined) return number;
    const listed = listedClasses(names);
    const { classes, classesBy } = reading;
    const list = classesBy ?? (classes ? '--classes' : 'the training set');
    const advice = classesBy
      ? 'name the labels in the order of its classes with --classes'
      : 'mend the label or add the class there';
    throw new UserError(
      where,
      `expected one of the classes of ${list} (${listed}), got '${shortened(String(label))}' for series ${row}; ${advice}`,
    );
  });
}

/** Names of the classes that no series is labelled with. */
export function missingClasses(labels: Int32Array, names: readonly string[]): string[] {
  const found = new Set(labels);
  return names.filter((_, number) => !found.has(number));
}

const labelTest = ({ noLabel }: LabelReading): ((label: Label) => boolean) => {
  const mark = noLabel === undefined ? undefined : canonical(noLabel);
  return (label) => !isUnlabelled(label) && canonical(label) !== mark;
};
