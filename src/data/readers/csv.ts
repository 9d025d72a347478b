/** CSV and its relatives with tabs, semicolons or bars: a row a line, cells may be quoted with ". */
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Options, Parser } from 'csv-parse';
import { UserError } from '../../errors.js';
import type { Label, Reader, ReaderOptions, Records } from '../reader.js';
import { numberIn, readNumber, shortened } from './numbers.js';
import { selectColumns, usualLabel } from './select-columns.js';
import { TableCollector } from './table-records.js';
import { textBlocks, textLines } from './text-lines.js';

export const csv: Reader = {
  suffixes: ['.csv'],
  async read(files, options) {
    let table: Table | undefined;
    for (const path of files) table = await readFile(path, options, table);
    return (table as Table).finish(files[0] as string);
  },
};

/** Made by the first row of the first file. */
interface Table {
  readonly names: readonly string[];
  add(cells: readonly string[], where: string): void;
  finish(where: string): Records;
}

async function readFile(path: string, options: ReaderOptions, before: Table | undefined): Promise<Table> {
  let table = before;
  let isFirst = true;
  for await (const { cells, line } of rowsOf(path, options.delimiter ?? (await findDelimiter(path)))) {
    const where = `${path}:${line}`;
    const isHeader = isFirst && (options.header ?? looksLikeHeader(cells));
    if (isFirst) {
      const names = namesOf(cells, isHeader, where);
      table ??= tableOf(names, options, path);
      checkNames(names, table.names, where);
    }
    isFirst = false;
    if (isHeader) continue;
    const columns = (table as Table).names.length;
    if (cells.length !== columns)
      throw new UserError(where, `expected ${columns} cells, as in the first row, got ${cells.length}; mend the row`);
    (table as Table).add(cells, where);
  }
  if (!table || isFirst) throw new UserError(path, 'expected rows, got none; the file is empty');
  return table;
}

function tableOf(names: readonly string[], options: ReaderOptions, path: string): Table {
  const { missing } = options;
  const { label, features } = selectColumns(names, { ...options, label: options.label ?? usualLabel(names) }, path);
  const table = new TableCollector(features.map((column) => ({ name: names[column] as string, shape: [] })));
  const cellIn = (cells: readonly string[], column: number, where: string): number =>
    numberIn(cells[column] as string, missing, () => `${where}: column '${names[column]}'`, repair);
  return {
    names,
    add: (cells, where) =>
      table.add(
        features.map((column) => cellIn(cells, column, where)),
        label === undefined
          ? undefined
          : labelIn(cells[label] as string, options, `${where}: column '${names[label]}'`),
      ),
    finish: (where) => table.finish({ kind: 'CSV', label: label === undefined ? undefined : names[label] }, where),
  };
}

const repair = 'encode it as a number, or leave the column out (--columns)';

function labelIn(cell: string, { partlyLabelled }: ReaderOptions, where: string): Label {
  const label = cell.trim();
  if (label === '' && !partlyLabelled) throw new UserError(where, 'expected a label, got an empty cell; fill it in');
  return label;
}

const looksLikeHeader = (cells: readonly string[]): boolean => cells.every((cell) => readNumber(cell) === undefined);

function namesOf(cells: readonly string[], isHeader: boolean, where: string): string[] {
  const names = cells.map((cell, column) => (isHeader && cell.trim()) || String(column));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new UserError(where, `two columns are named '${shortened(name)}'; name each once`);
    seen.add(name);
  }
  return names;
}

function checkNames(names: readonly string[], before: readonly string[], where: string): void {
  const other = before.findIndex((name, column) => names[column] !== name);
  if (other < 0 && names.length === before.length) return;
  throw new UserError(
    where,
    `expected the columns of the first file, got ${names.length} with others among them; give files of the same columns together`,
  );
}

interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Bytes of one row: a quote that is never closed would otherwise take in the whole file. */
const longestRow = 2 ** 22;

/** @throws UserError naming the line where quotes do not fit. */
async function* rowsOf(path: string, delimiter: string): AsyncGenerator<Row> {
  const { parse } = await import('csv-parse');
  const options: Options = {
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    info: true,
  };
  const parser: Parser = parse(options);
  // its error arrives through the parser, which it destroys
  pipeline(Readable.from(texts(path)), parser).catch(() => {});
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    throw csvError(error, path);
  }
}

async function* texts(path: string): AsyncGenerator<string> {
  for await (const { text } of textBlocks(path)) yield text;
}

function csvError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !isOfParser(String(error.code))) return error;
  const line = 'lines' in error ? `:${error.lines}` : '';
  const what = problems[String(error.code)] ?? `expected CSV, got ${shortened(error.message)}`;
  return new UserError(`${path}${line}`, what, { cause: error });
}

/** Most codes of the library begin alike, one does not. */
const isOfParser = (code: string): boolean => code.startsWith('CSV_') || Object.hasOwn(problems, code);

const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'expected a closing quote, got the end of the file',
  CSV_INVALID_CLOSING_QUOTE: 'expected a delimiter after a closing quote, got other text; double quotes inside quotes',
  INVALID_OPENING_QUOTE: 'expected a quote at the start of a cell, got one inside; put the cell into quotes',
  CSV_MAX_RECORD_SIZE: `expected rows of at most ${longestRow} bytes, got a longer one; look for a quote that is not closed`,
};

const delimiters = [',', ';', '\t', '|'];

/** What occurs most often in the first line that holds text, outside quotes; in a .tsv, the tab. */
async function findDelimiter(path: string): Promise<string> {
  if (extname(path).toLowerCase() === '.tsv') return '\t';
  for await (const { text } of textLines(path)) {
    if (text.trim() === '') continue;
    const bare = text.replaceAll(/"[^"]*"/g, '');
    const counts = delimiters.map((delimiter) => bare.split(delimiter).length);
    return delimiters[counts.indexOf(Math.max(...counts))] as string;
  }
  return ',';
}
