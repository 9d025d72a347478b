/** Cells of a table side by side: the features of a model whose input is one row of numbers. */
import { UserError } from '../errors.js';
import type { Value } from '../ir/types.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import type { Entry } from './entries.js';
import { type Column, isPictures } from './reader.js';

/**
 * The same entries for matching with inputs: features that no input is named after become one entry, named after the one input left;
 * `a,b,c` in the map is an entry of these columns; extents stay only where an input has their name.
 * @throws UserError for a list in the map with a column that is no single number.
 */
export function withFeatures(
  wanted: readonly Value[],
  entries: ReadonlyMap<string, Entry>,
  map: Readonly<Record<string, string>>,
  where: string,
): ReadonlyMap<string, Entry> {
  const listed = Object.values(map).filter((name) => name.includes(',') && !entries.has(name));
  const all = new Map(entries);
  for (const name of listed) all.set(name, joined(name.split(','), entries, where));
  const used = new Set([...wanted.map(({ name }) => map[name] ?? name), ...listed.flatMap((name) => name.split(','))]);
  for (const [name, entry] of entries) if (roleOf(entry) === 'extent' && !used.has(name)) all.delete(name);
  const spare = [...all].filter(([name]) => !used.has(name));
  const missing = wanted.filter(({ name }) => !all.has(map[name] ?? name));
  const features = spare.filter(([, entry]) => roleOf(entry) === 'feature').map(([name]) => name);
  if (missing.length !== 1 || features.length < 2 || features.length < spare.length) return all;
  for (const name of features) all.delete(name);
  return all.set((missing[0] as Value).name, joined(features, entries, where));
}

const roleOf = ({ column }: Entry): Column['role'] => (isPictures(column) ? undefined : column.role);

function joined(names: readonly string[], entries: ReadonlyMap<string, Entry>, where: string): Entry {
  const columns = names.map((name) => featureNamed(name.trim(), entries, where));
  const count = entries.get((names[0] as string).trim())?.count ?? 0;
  return { column: { ...featuresOf(columns), names: names.map((name) => name.trim()) }, count };
}

function featureNamed(name: string, entries: ReadonlyMap<string, Entry>, where: string): Column {
  const column = entries.get(name)?.column;
  if (column && !isPictures(column) && column.role === 'feature') return column;
  throw new UserError(
    where,
    `expected a column of single numbers named '${name}', got ${column ? 'another' : 'none'}; see the columns' names`,
  );
}

/** float64 [features]; each is a channel of its own. */
function featuresOf(columns: readonly Column[]): Column {
  const width = columns.length;
  const read = (rows: Uint32Array): Tensor => {
    const values = new Float64Array(rows.length * width);
    columns.forEach((column, place) => {
      const cells = dataOf(column.read(rows)) as Float64Array;
      for (const [row, cell] of cells.entries()) values[row * width + place] = cell;
    });
    return tensor('float64', [rows.length, width], values);
  };
  return { dtype: 'float64', shape: [width], axes: ['channel'], read };
}
