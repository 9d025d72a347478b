/** Parquet: tables stored by column; the columns wanted are read one row group at a time, in a thread. */
import { statSync } from 'node:fs';
import { UserError } from '../../errors.js';
import type { Label, Reader, ReaderOptions } from '../reader.js';
import { type BoundedThread, type Budget, startThread } from './bounded-thread.js';
import type { ParquetColumn, ParquetFacts, ParquetGroup, ParquetQuestion } from './parquet-worker.js';
import { selectColumns, usualLabel } from './select-columns.js';
import { TableCollector } from './table-records.js';

export interface ParquetBounds {
  /** For any file; another second for each megabyte comes on top. */
  readonly milliseconds: number;
  /** For any row group; four times the file's size comes on top. */
  readonly bytes: number;
  /** Values of one column are decoded there before they become plain numbers. */
  readonly heapMegabytes: number;
}

export const parquet: Reader = parquetWithin({ milliseconds: 10_000, bytes: 2 ** 31, heapMegabytes: 2048 });

/**
 * The library decodes tens of megabytes a second, but loops for ever on some damaged files: bounds end that.
 * @param start what starts the thread that decodes.
 */
export function parquetWithin(bounds: ParquetBounds, start = startThread): Reader {
  return {
    suffixes: ['.parquet'],
    async read(files, options) {
      const thread = start(new URL('./parquet-worker.js', import.meta.url), bounds.heapMegabytes);
      try {
        let table: Table | undefined;
        for (const path of files) table = await readFile(thread, path, bounds, options, table);
        return (table as Table).rows.finish({ kind: 'Parquet', label: (table as Table).label }, files[0] as string);
      } finally {
        await thread.end();
      }
    },
  };
}

interface Table {
  readonly rows: TableCollector;
  readonly features: readonly string[];
  readonly label: string | undefined;
}

async function readFile(
  thread: BoundedThread,
  path: string,
  bounds: ParquetBounds,
  options: ReaderOptions,
  before: Table | undefined,
): Promise<Table> {
  const budget = budgetFor(path, bounds);
  const ask = (question: ParquetQuestion): Promise<unknown> => thread.ask(question, budget);
  const { columns, groups } = (await ask({ type: 'open', path })) as ParquetFacts;
  const table = before ?? tableOf(columns, options, path);
  const { features, label } = table;
  for (let group = 0; group < groups; group++) {
    const wanted = { features, label, missing: options.missing, partlyLabelled: options.partlyLabelled };
    addRows(table, (await ask({ type: 'group', group, ...wanted })) as ParquetGroup);
  }
  return table;
}

function budgetFor(path: string, { milliseconds, bytes }: ParquetBounds): Budget {
  const { size } = statSync(path);
  return {
    where: path,
    repair: 'write the file again in smaller row groups, or name fewer columns (--columns)',
    milliseconds: milliseconds + 1000 * Math.floor(size / 1e6),
    bytes: bytes + 4 * size,
    spent: 0,
  };
}

function tableOf(columns: readonly ParquetColumn[], options: ReaderOptions, path: string): Table {
  const names = columns.map(({ name }) => name);
  const { label, features } = selectColumns(names, { ...options, label: options.label ?? usualLabel(names) }, path);
  for (const column of features) checkNumeric(columns[column] as ParquetColumn, path);
  const wanted = features.map((column) => names[column] as string);
  return {
    rows: new TableCollector(wanted.map((name) => ({ name, shape: [] }))),
    features: wanted,
    label: label === undefined ? undefined : names[label],
  };
}

function checkNumeric({ name, obstacle }: ParquetColumn, path: string): void {
  if (obstacle === undefined) return;
  throw new UserError(path, `column '${name}' is ${obstacle}; encode it as a number, or leave it out (--columns)`);
}

function addRows({ rows }: Table, { count, features, labels }: ParquetGroup): void {
  const values = new Float64Array(features.length);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < values.length; i++) values[i] = features[i]![row]!;
    rows.add(values, labels?.[row] as Label | undefined);
  }
}
