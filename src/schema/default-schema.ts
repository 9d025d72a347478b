/** The schema of data that nobody described: a feature a column. One-hot columns are not guessed, but can be told. */
import type { Observed } from './observed.js';
import type { Feature, Schema } from './schema.js';

/** Columns of 0 and 1 are binary, all others continuous over the range that was observed. */
export const schemaFrom = (columns: readonly string[], observed: readonly Observed[]): Schema => ({
  columns,
  features: columns.map((name, column) => defaultFeature(name, column, observed[column]!)),
  constraints: [],
});

export function defaultFeature(name: string, column: number, { low, high, isInteger }: Observed): Feature {
  const described = { name, columns: [column], isImmutable: false, cost: 1 };
  if (isInteger && low === 0 && high === 1) return { ...described, type: 'binary', levels: zeroAndOne };
  // a column without a finite value has nothing to change to
  const range = low <= high ? ([low, high] as const) : ([0, 0] as const);
  return { ...described, type: 'continuous', scale: { offset: 0, divisor: 1 }, range };
}

const zeroAndOne = [
  { name: '0', value: 0 },
  { name: '1', value: 1 },
];

/**
 * Groups of binary features that look like the one-hot columns of one: their rows sum to 1 everywhere, and their names begin alike.
 * @param rows [rows, columns of the schema]. @returns the names of the columns of each group.
 */
export function likelyOneHot({ columns, features }: Schema, rows: Float32Array): string[][] {
  const groups = new Map<string, number[]>();
  for (const { type, columns: held } of features) {
    const beginning = /^(.+?)[_=.:]/.exec(columns[held[0]!]!)?.[1];
    if (type !== 'binary' || beginning === undefined) continue;
    groups.set(beginning, [...(groups.get(beginning) ?? []), held[0]!]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1 && sumsToOne(group, rows, columns.length))
    .map((group) => group.map((column) => columns[column]!));
}

function sumsToOne(group: readonly number[], rows: Float32Array, width: number): boolean {
  for (let from = 0; from < rows.length; from += width) {
    if (group.reduce((sum, column) => sum + rows[from + column]!, 0) !== 1) return false;
  }
  return true;
}
