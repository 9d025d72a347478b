/** Which column of the data feeds which input of a model. */
import { UserError } from '../errors.js';
import type { Value } from '../ir/types.js';

/** Names that mean the class of a sample; a model's own input of that name is an input. */
export const labelNames = /^(labels?|y|targets?|classes)$/i;

export interface Matched {
  /** Column name by input. */
  readonly columns: ReadonlyMap<Value, string>;
  /** The column that holds the classes, told by its name. */
  readonly labels?: string;
}

/**
 * Matches columns with inputs: as `map` says, by name, or, where one of each is left, by being the only one.
 * @param map column name by input name. @param noun what the columns are called in errors.
 * @throws UserError naming inputs without a column, and names in the map that do not exist.
 */
export function matchColumns(
  wanted: readonly Value[],
  names: readonly string[],
  map: Readonly<Record<string, string>>,
  where: string,
  noun: 'array' | 'column' = 'array',
): Matched {
  const inputNames = wanted.map(({ name }) => name);
  const unknown = Object.keys(map).find((name) => !inputNames.includes(name));
  if (unknown !== undefined) {
    throw new UserError(where, `the model has no input '${unknown}'; it has ${list(inputNames)}`);
  }
  const columns = new Map<Value, string>();
  for (const input of wanted) {
    const name = Object.hasOwn(map, input.name) ? (map[input.name] as string) : input.name;
    if (names.includes(name)) columns.set(input, name);
    else if (name !== input.name) throw new UserError(where, `has no ${noun} '${name}'; it has ${list(names)}`);
  }
  const used = new Set(columns.values());
  const labels = names.find((name) => labelNames.test(name) && !used.has(name));
  const spare = names.filter((name) => !used.has(name) && name !== labels);
  const missing = wanted.filter((input) => !columns.has(input));
  if (missing.length === 1 && spare.length === 1) columns.set(missing[0]!, spare[0]!);
  else if (missing.length > 0) {
    throw new UserError(
      where,
      `expected ${noun}s for ${list(missing.map(({ name }) => name))}, got ${list(names) || 'none'}; name the ${noun}s after the inputs, or say which feeds which (--map INPUT=${noun.toUpperCase()})`,
    );
  }
  return { columns, ...(labels !== undefined && { labels }) };
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
