/** Parquet: tables stored by column; the columns wanted are read one row group at a time. */
import type { AsyncBuffer, Compressors, FileMetaData, SchemaTree } from 'hyparquet';
import { UserError } from '../../errors.js';
import type { Label, Reader, ReaderOptions } from '../reader.js';
import { numberFrom, shortened } from './numbers.js';
import { selectColumns, usualLabel } from './select-columns.js';
import { TableCollector } from './table-records.js';

export const parquet: Reader = {
  suffixes: ['.parquet'],
  async read(files, options) {
    let table: Table | undefined;
    for (const path of files) table = await readFile(path, options, table);
    return (table as Table).rows.finish({ kind: 'Parquet', label: (table as Table).label }, files[0] as string);
  },
};

interface Table {
  readonly rows: TableCollector;
  readonly features: readonly string[];
  readonly label: string | undefined;
}

async function readFile(path: string, options: ReaderOptions, before: Table | undefined): Promise<Table> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = await readable(path, () => asyncBufferFromFile(path));
  await checkMagic(path, file);
  const metadata = await readable(path, () => parquetMetadataAsync(file));
  const table = before ?? tableOf(await readable(path, async () => parquetSchema(metadata)), options, path);
  const columns = table.label === undefined ? [...table.features] : [...table.features, table.label];
  let row = 0;
  for (const rowEnd of rowGroupEnds(metadata, path)) {
    const read = (): Promise<void> =>
      parquetRead({
        file,
        metadata,
        columns,
        compressors: bounded(compressors),
        rowStart: row,
        rowEnd,
        rowFormat: 'object',
        onComplete: (rows) => {
          for (const cells of rows) addRow(table, cells, options.missing, `${path}: row ${row++}`);
        },
      });
    await readable(path, read);
    if (row !== rowEnd)
      throw new UserError(path, `expected rows up to ${rowEnd} in the row group, got ${row}; write the file again`);
  }
  return table;
}

function tableOf(schema: SchemaTree, options: ReaderOptions, path: string): Table {
  const names = schema.children.map(({ element }) => element.name);
  const { label, features } = selectColumns(names, { ...options, label: options.label ?? usualLabel(names) }, path);
  for (const column of features) checkNumeric(schema.children[column] as SchemaTree, path);
  const wanted = features.map((column) => names[column] as string);
  return {
    rows: new TableCollector(wanted.map((name) => ({ name, shape: [] }))),
    features: wanted,
    label: label === undefined ? undefined : names[label],
  };
}

const numericTypes = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'];
const numericMeanings = ['INTEGER', 'DECIMAL', 'FLOAT16'];

function checkNumeric({ element, children }: SchemaTree, path: string): void {
  const meaning = element.logical_type?.type ?? element.converted_type?.replace(/^U?INT_\d+$/, 'INTEGER');
  const isFlat = children.length === 0 && element.repetition_type !== 'REPEATED';
  const isNumber =
    meaning === undefined ? numericTypes.includes(element.type ?? '') : numericMeanings.includes(meaning);
  if (isFlat && isNumber) return;
  const what = isFlat ? `of type ${meaning ?? element.type}` : 'nested';
  throw new UserError(path, `column '${element.name}' is ${what}; encode it as a number, or leave it out (--columns)`);
}

/** The number of rows up to the end of each group. @throws UserError when the counts cannot be. */
function rowGroupEnds({ row_groups }: FileMetaData, path: string): number[] {
  let end = 0;
  return row_groups.map(({ num_rows }) => {
    end += Number(num_rows);
    if (num_rows < 0 || !Number.isSafeInteger(end))
      throw new UserError(path, `a row group has ${num_rows} rows; write the file again`);
    return end;
  });
}

function addRow({ rows, features, label }: Table, cells: Cells, missing: number | undefined, where: string): void {
  const values = features.map((name) => numberOf(cells[name], missing, () => `${where}, column '${name}'`));
  rows.add(values, label === undefined ? undefined : labelIn(cells[label], `${where}, column '${label}'`));
}

type Cells = Readonly<Record<string, unknown>>;

function numberOf(cell: unknown, missing: number | undefined, where: () => string): number {
  if (cell === null || cell === undefined) return numberFrom(Number.NaN, missing, where);
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean')
    return numberFrom(Number(cell), missing, where);
  throw new UserError(
    where(),
    `expected a number, got ${shortened(String(cell))}; encode the column as numbers, or leave it out (--columns)`,
  );
}

function labelIn(cell: unknown, where: string): Label {
  if (typeof cell === 'string' && cell !== '') return cell;
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  throw new UserError(where, `expected a label, got ${shortened(String(cell))}; fill it in`);
}

/** Bytes of one page; writers make pages of about a megabyte. */
const largestPage = 2 ** 28;

/** A few bytes can claim to unfold into gigabytes. */
const bounded = (compressors: Compressors): Compressors =>
  Object.fromEntries(
    Object.entries(compressors).map(([name, unpack]) => [
      name,
      (input: Uint8Array, bytes: number) => {
        if (bytes > largestPage) throw new Error(`a page of ${bytes} bytes`);
        return unpack(input, bytes);
      },
    ]),
  );

/** @throws UserError unless the file begins and ends as Parquet files do. */
async function checkMagic(path: string, file: AsyncBuffer): Promise<void> {
  const isLong = file.byteLength >= 12;
  const ends = isLong ? [await file.slice(0, 4), await file.slice(file.byteLength - 4)] : [];
  if (isLong && ends.every((end) => Buffer.from(end).toString('latin1') === 'PAR1')) return;
  throw new UserError(path, 'expected a Parquet file, got other content; an encrypted or cut one is not read');
}

/** What the library cannot read, in one line that names the file. */
async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new UserError(path, `expected a Parquet file, got a damaged one (${shortened(said)}); write the file again`, {
      cause: error,
    });
  }
}
