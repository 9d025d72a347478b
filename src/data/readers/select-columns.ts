/** Which columns of a table are features and which one is the label, by name or by number. */
import { UserError } from '../../errors.js';
import type { ReaderOptions } from '../reader.js';

export interface Selection {
  /** Number of the label's column. */
  readonly label?: number;
  /** Numbers of the features' columns, in the order of the features. */
  readonly features: readonly number[];
}

/**
 * The columns asked for, or all but the label.
 * @throws UserError naming a column that is not there, and the names that are.
 */
export function selectColumns(names: readonly string[], options: ReaderOptions, where: string): Selection {
  const { label, columns, partlyLabelled } = options;
  const byName = new Map(names.map((name, column) => [name, column]));
  const place = (wanted: string): number => byName.get(wanted) ?? (/^\d{1,9}$/.test(wanted) ? Number(wanted) : -1);
  const isThere = (column: number): boolean => column >= 0 && column < names.length;
  const find = (wanted: string): number => {
    const column = place(wanted);
    if (isThere(column)) return column;
    throw new UserError(where, `has no column '${wanted}'; it has ${listed(names)}`);
  };
  const isAbsent = label === undefined || (partlyLabelled === true && !isThere(place(label)));
  const own = isAbsent ? undefined : find(label);
  const features = columns ? columns.map(find) : [...names.keys()].filter((column) => column !== own);
  const twice = features.find((column, i) => features.indexOf(column) < i);
  if (twice !== undefined)
    throw new UserError(where, `expected each column once in --columns, got '${names[twice]}' twice; name it once`);
  if (features.length === 0)
    throw new UserError(where, 'expected columns besides the label, got none; name some with --columns');
  return { ...(own !== undefined && { label: own }), features };
}

/** The one column whose name says that it is the label. */
export function usualLabel(names: readonly string[]): string | undefined {
  const found = names.filter((name) => /^(labels?|class|classes|targets?|y)$/i.test(name));
  return found.length === 1 ? found[0] : undefined;
}

const mostListed = 12;

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, mostListed).map((name) => `'${name}'`);
  const others = names.length - shown.length;
  return others > 0 ? `${shown.join(', ')} and ${others} more` : shown.join(', ');
};
