/** From a feature's entry in the file to the feature: names become columns, what was left out comes from the data. */
import type { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Observed } from './observed.js';
import { resolveNumber } from './resolve-number.js';
import type { CategoryFeature, Feature, LevelFeature } from './schema.js';
import type { FeatureEntry } from './schema-form.js';

export interface Table {
  readonly columns: readonly string[];
  readonly observed: readonly Observed[];
}

/** Makes the error for an entry, at the key where there is one. */
export type Complain = (what: string, key?: keyof FeatureEntry) => UserError;

export function resolveFeature(entry: FeatureEntry, table: Table, complain: Complain): Feature {
  const { name, type, immutable, cost, unit, direction } = entry;
  for (const key of Object.keys(entry) as (keyof FeatureEntry)[]) {
    if (!everywhere.has(key) && !particular[type].has(key))
      throw complain(`expected none for ${type} features, got one; leave it out, or change the type`, key);
  }
  const described = { name, isImmutable: immutable, cost, unit, direction };
  if (type === 'categorical') return { ...described, type, ...categoriesOf(entry, table, complain) };
  const column = indexOf(entry.column ?? name, table, complain, entry.column === undefined ? 'name' : 'column');
  const observed = table.observed[column]!;
  const held = { ...described, columns: [column] };
  return type === 'ordinal' || type === 'binary'
    ? { ...held, type, levels: levelsOf(entry, observed, complain) }
    : { ...held, type, ...resolveNumber({ ...entry, type }, observed, complain) };
}

const everywhere = new Set<keyof FeatureEntry>(['name', 'type', 'immutable', 'cost', 'unit']);
const ofNumbers = new Set<keyof FeatureEntry>(['column', 'range', 'scale', 'step', 'direction']);
const ofLevels = new Set<keyof FeatureEntry>(['column', 'levels', 'direction']);

/** The keys that some types have and others not. */
const particular: Readonly<Record<FeatureEntry['type'], ReadonlySet<keyof FeatureEntry>>> = {
  continuous: ofNumbers,
  integer: ofNumbers,
  ordinal: ofLevels,
  binary: ofLevels,
  categorical: new Set<keyof FeatureEntry>(['columns']),
};

function indexOf(name: string, { columns }: Table, complain: Complain, key: keyof FeatureEntry): number {
  const index = columns.indexOf(name);
  if (index >= 0) return index;
  const meant = nearest(name, columns);
  const some = `${columns.slice(0, 8).join(', ')}${columns.length > 8 ? ', …' : ''}`;
  const advice = meant ? `did you mean '${meant}'?` : `the columns are ${some}`;
  throw complain(
    `expected a column of the data, got '${name}'; ${key === 'name' ? "give 'column', or " : ''}${advice}`,
    key,
  );
}

function categoriesOf(
  { columns }: FeatureEntry,
  table: Table,
  complain: Complain,
): Pick<CategoryFeature, 'columns' | 'categories'> {
  if (!columns) throw complain('expected the columns of the categories, got none; give them');
  const pairs = Array.isArray(columns) ? columns.map((column) => [column, column] as const) : Object.entries(columns);
  if (pairs.length < 2)
    throw complain(`expected at least 2 categories, got ${pairs.length}; name the others`, 'columns');
  const indices = pairs.map(([, column]) => indexOf(column, table, complain, 'columns'));
  for (const index of indices) {
    const { low, high } = table.observed[index]!;
    if (low < 0 || (high > 1 && low <= high))
      throw complain(
        `expected 0 and 1 in '${table.columns[index]}', got ${low} to ${high}; one-hot columns hold no other`,
        'columns',
      );
  }
  return { columns: indices, categories: pairs.map(([category]) => category) };
}

function levelsOf({ type, levels }: FeatureEntry, { low, high }: Observed, complain: Complain): LevelFeature['levels'] {
  if (!levels && type === 'ordinal') throw complain('expected its levels, got none; give them');
  const written = levels ?? ['0', '1'];
  const list = Array.isArray(written)
    ? written.map((name, value) => ({ name: `${name}`, value }))
    : Object.entries(written).map(([name, value]) => ({ name, value }));
  const wanted = type === 'binary' ? '2 levels' : 'at least 2 levels';
  if (list.length < 2 || (type === 'binary' && list.length > 2))
    throw complain(`expected ${wanted}, got ${list.length}; correct them`, 'levels');
  if (new Set(list.map(({ name }) => name)).size < list.length)
    throw complain('expected names that differ, got one twice; rename it', 'levels');
  list.forEach(({ name, value }, i) => {
    const before = list[i - 1];
    // float32 is what the column holds
    if (before && Math.fround(before.value) >= Math.fround(value))
      throw complain(
        `expected numbers that rise, got ${before.value} for '${before.name}' before ${value} for '${name}'; put them in order`,
        'levels',
      );
  });
  const [first, last] = [list[0]!.value, list.at(-1)!.value];
  if (low <= high && (high < first || low > last))
    throw complain(
      `expected levels that the column holds, got ${first} to ${last} where it holds ${low} to ${high}; give the numbers of the levels`,
      levels && 'levels',
    );
  return list;
}
