/** The columns of all files of a source side by side, and the label of each row. */
import { UserError } from '../errors.js';
import { floatsOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { columnOf, readArrays } from './arrays.js';
import { readerOf } from './kinds.js';
import { mapLabels } from './labels.js';
import { type Column, isPictures, type Label, type Pictures, type Records } from './reader.js';
import { labelsInOrder } from './readers/label-file.js';
import type { Settings } from './settings.js';
import type { Part, ResolvedSource } from './source.js';

/** A column with the number of its rows: arrays of one file may differ in it. */
export interface Entry {
  readonly column: Column | Pictures;
  readonly count: number;
}

export interface Entries {
  readonly byName: ReadonlyMap<string, Entry>;
  /** The class of each row, where the files say it outside of the columns. */
  readonly labels?: Int32Array;
  /** What the data call the classes, by number. */
  readonly classes?: readonly string[];
  /** What was read, for the report. */
  readonly descriptions: readonly string[];
  /** Files read besides those given. */
  readonly alsoRead: readonly string[];
  /** Those of the files given that some rows come from. */
  filesOf(rows: Uint32Array): readonly string[];
}

/** Entries before the labels have become numbers of classes. */
export interface NamedEntries extends Omit<Entries, 'labels' | 'classes'> {
  /** As the files say them outside of the columns, and the classes that they declare. */
  readonly labelled?: { readonly labels: readonly Label[]; readonly classes?: readonly Label[] };
}

/** @param arrays those of the source, where they have been read already. @throws UserError as readers do, and for a name that occurs twice. */
export async function readEntries(
  source: ResolvedSource,
  settings: Settings,
  arrays?: ReadonlyMap<string, Tensor>,
): Promise<Entries> {
  const { labelled, ...entries } = await readNamedEntries(source, settings, arrays);
  const mapped = labelled && mapLabels(labelled.labels, labelled.classes, source.where, settings.classes);
  if (!mapped) return entries;
  const { labels, names: classes, description } = mapped;
  return { ...entries, labels, classes, descriptions: [...entries.descriptions, description] };
}

/** As `readEntries`, with labels as the files have them. */
export async function readNamedEntries(
  { parts, folder, where }: ResolvedSource,
  settings: Settings,
  arrays?: ReadonlyMap<string, Tensor>,
): Promise<NamedEntries> {
  const byName = new Map<string, Entry>();
  const records: (Records | undefined)[] = [];
  for (const part of parts) {
    const found = await recordsOf(part, { ...settings, folder });
    records.push(found);
    const entries = found ? entriesOf(found) : arrayEntries(arrays ?? readArrays(part.files), where);
    for (const [name, entry] of entries) {
      if (byName.has(name)) throw new UserError(where, `two files hold a column '${name}'; name each once`);
      byName.set(name, entry);
    }
  }
  const read = records.filter((each) => each !== undefined);
  const { labels, classes } = (await labelsBeside(read, byName, settings)) ?? read.find(({ labels }) => labels) ?? {};
  return {
    byName,
    ...(labels && { labelled: { labels, ...(classes && { classes }) } }),
    descriptions: read.map(({ description }) => description),
    alsoRead: [
      ...new Set([...read.flatMap(({ alsoRead = [] }) => alsoRead), ...(settings.labels ? [settings.labels] : [])]),
    ],
    filesOf: (rows) => parts.flatMap(({ files }, i) => records[i]?.filesOf?.(rows) ?? files),
  };
}

/** The labels of a file that the user gives, one a row, where no reader has taken it for names of its own. */
async function labelsBeside(
  read: readonly Records[],
  byName: ReadonlyMap<string, Entry>,
  { labels: path, label }: Settings,
): Promise<Pick<Records, 'labels' | 'classes'> | undefined> {
  if (path === undefined || read.some(({ alsoRead }) => alsoRead?.includes(path))) return undefined;
  return labelsInOrder(path, [...byName.values()][0]?.count ?? 0, label);
}

const recordsOf = async ({ kind, files }: Part, options: Settings & { folder?: string | undefined }) =>
  readerOf(kind)?.read(files, options);

const entriesOf = ({ columns, count }: Records): Map<string, Entry> =>
  new Map([...columns].map(([name, column]) => [name, { column, count }]));

const arrayEntries = (arrays: ReadonlyMap<string, Tensor>, where: string): Map<string, Entry> =>
  new Map(
    [...arrays].map(([name, array]) => {
      const column = columnOf(array, `${where}: '${name}'`);
      return [name, { column, count: column.count }];
    }),
  );

/** Class numbers from a column of them. @throws UserError when it holds no whole numbers from 0, or not one a row. */
export function classesOf(entry: Entry, rows: number, where: string): Int32Array {
  const values = labelNumbers(entry, rows, where);
  const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 2 ** 24);
  if (wrong < 0) return Int32Array.from(values);
  throw new UserError(
    where,
    `expected class numbers 0, 1, 2, …, got ${values[wrong]} for sample ${wrong}; number the classes from 0, or list the labels with --classes`,
  );
}

/** Labels from a column of numbers. @throws UserError when it holds not one a row. */
export function labelNumbers({ column, count }: Entry, rows: number, where: string): Float32Array {
  if (isPictures(column))
    throw new UserError(where, 'expected class numbers, got pictures; name the array or column of labels');
  if (count !== rows || sizeOf(column.shape) !== 1) {
    const shape = [count, ...column.shape].join(', ');
    throw new UserError(where, `expected ${rows} labels, one a sample, got shape [${shape}]; give one label a sample`);
  }
  return floatsOf(column.read(Uint32Array.from({ length: rows }, (_, row) => row)));
}
