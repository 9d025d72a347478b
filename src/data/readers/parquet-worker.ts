/** The thread that decodes Parquet: what the library makes of a file becomes plain numbers and labels, or one error. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData, SchemaTree } from 'hyparquet';
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { UserError } from '../../errors.js';
import type { Label } from '../reader.js';
import { answerWith } from './bounded-thread.js';
import { numberFrom, shortened } from './numbers.js';

export type ParquetQuestion =
  | { readonly type: 'open'; readonly path: string }
  /** About the file opened last. */
  | ({ readonly type: 'group'; readonly group: number } & Wanted);

interface Wanted {
  readonly features: readonly string[];
  readonly label: string | undefined;
  readonly missing: number | undefined;
  readonly partlyLabelled: boolean | undefined;
}

export interface ParquetFacts {
  readonly columns: readonly ParquetColumn[];
  /** How many row groups there are. */
  readonly groups: number;
}

export interface ParquetColumn {
  readonly name: string;
  /** What keeps its cells from being numbers, such as `nested`. */
  readonly obstacle?: string;
}

export interface ParquetGroup {
  /** Of rows. */
  readonly count: number;
  /** The cells of each column wanted. */
  readonly features: readonly Float64Array[];
  readonly labels?: readonly Label[];
}

interface OpenFile {
  readonly path: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  /** The rows before each group, and those of all. */
  readonly starts: readonly number[];
}

let current: OpenFile | undefined;

answerWith<ParquetQuestion>(async (question) => {
  if (question.type === 'open') {
    current = await openFile(question.path);
    return { value: await readable(question.path, async () => factsOf(current as OpenFile)) };
  }
  const value = await readGroup(current as OpenFile, question.group, question);
  return { value, moved: value.features.map(({ buffer }) => buffer as ArrayBuffer) };
});

async function openFile(path: string): Promise<OpenFile> {
  const file = placesIn(path);
  await checkMagic(path, file);
  const metadata = await readable(path, () => parquetMetadataAsync(file));
  return { path, file, metadata, starts: groupStarts(metadata, path) };
}

/** Without streams: a busy machine gives a thread its turn late, and each piece of a stream waits for one. */
function placesIn(path: string): AsyncBuffer {
  const { size: byteLength } = statSync(path);
  return {
    byteLength,
    slice(start, end = byteLength) {
      // a negative start counts from the end
      const from = start < 0 ? byteLength + start : start;
      const to = Math.min(end, byteLength);
      if (!(from >= 0 && from <= to)) throw new Error(`a place from ${start} to ${end} of ${byteLength} bytes`);
      const bytes = new Uint8Array(to - from);
      const file = openSync(path, 'r');
      try {
        for (let at = 0, got = 1; got > 0 && at < bytes.length; at += got) {
          got = readSync(file, bytes, at, bytes.length - at, from + at);
        }
      } finally {
        closeSync(file);
      }
      return bytes.buffer;
    },
  };
}

const factsOf = ({ metadata }: OpenFile): ParquetFacts => ({
  columns: parquetSchema(metadata).children.map((column) => ({ name: column.element.name, ...obstacleIn(column) })),
  groups: metadata.row_groups.length,
});

const numericTypes = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'];
const numericMeanings = ['INTEGER', 'DECIMAL', 'FLOAT16'];

function obstacleIn({ element, children }: SchemaTree): { obstacle?: string } {
  const meaning = element.logical_type?.type ?? element.converted_type?.replace(/^U?INT_\d+$/, 'INTEGER');
  if (children.length > 0 || element.repetition_type === 'REPEATED') return { obstacle: 'nested' };
  const isNumber =
    meaning === undefined ? numericTypes.includes(element.type ?? '') : numericMeanings.includes(meaning);
  return isNumber ? {} : { obstacle: `of type ${meaning ?? element.type}` };
}

/** @throws UserError when the counts cannot be. */
function groupStarts({ row_groups }: FileMetaData, path: string): number[] {
  let end = 0;
  const ends = row_groups.map(({ num_rows }) => {
    end += Number(num_rows);
    if (num_rows < 0 || !Number.isSafeInteger(end))
      throw new UserError(path, `a row group has ${num_rows} rows; write the file again`);
    return end;
  });
  return [0, ...ends];
}

async function readGroup(open: OpenFile, group: number, wanted: Wanted): Promise<ParquetGroup> {
  const { features, label, missing, partlyLabelled } = wanted;
  const [start, end] = [open.starts[group] as number, open.starts[group + 1] as number];
  const count = end - start;
  const column = async <T>(name: string, read: (cells: Cells, where: (row: number) => string) => T): Promise<T> => {
    const cells = await cellsOf(open, group, name, count);
    return read(cells, (row) => `${open.path}: row ${start + row}, column '${name}'`);
  };
  // one column after another, so that what the library makes of them need not be held together
  const numbers: Float64Array[] = [];
  for (const name of features)
    numbers.push(await column(name, (cells, where) => numbersIn(cells, count, missing, where)));
  if (label === undefined) return { count, features: numbers };
  return {
    count,
    features: numbers,
    labels: await column(label, (cells, where) => labelsIn(cells, partlyLabelled, where)),
  };
}

/** The pages of a column, as the library decodes them. */
type Cells = readonly DecodedArray[];

async function cellsOf({ path, file, metadata }: OpenFile, group: number, name: string, count: number): Promise<Cells> {
  const pages: DecodedArray[] = [];
  const alone = { ...metadata, row_groups: metadata.row_groups.slice(group, group + 1) };
  const read = (): Promise<void> =>
    parquetRead({
      file,
      metadata: alone,
      columns: [name],
      compressors: bounded,
      onChunk: ({ columnData }) => {
        pages.push(columnData);
      },
    });
  await readable(path, read);
  const cells = pages.reduce((sum, { length }) => sum + length, 0);
  if (cells === count) return pages;
  throw new UserError(
    path,
    `expected ${count} cells of column '${name}' in row group ${group}, got ${cells}; write the file again`,
  );
}

function numbersIn(
  pages: Cells,
  count: number,
  missing: number | undefined,
  where: (row: number) => string,
): Float64Array {
  const numbers = new Float64Array(count);
  let row = 0;
  for (const cells of pages) {
    for (const cell of cells) {
      const at = row++;
      numbers[at] = numberFrom(numberOf(cell, at, where), missing, () => where(at));
    }
  }
  return numbers;
}

function numberOf(cell: unknown, row: number, where: (row: number) => string): number {
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  throw new UserError(
    where(row),
    `expected a number, got ${shortened(String(cell))}; encode the column as numbers, or leave it out (--columns)`,
  );
}

function labelsIn(pages: Cells, partly: boolean | undefined, where: (row: number) => string): Label[] {
  const labels: Label[] = [];
  for (const cells of pages) {
    for (const cell of cells) {
      const isMissing = cell === null || cell === undefined || cell === '';
      labels.push(partly && isMissing ? '' : labelIn(cell, () => where(labels.length)));
    }
  }
  return labels;
}

function labelIn(cell: unknown, where: () => string): Label {
  if (typeof cell === 'string' && cell !== '') return cell;
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  throw new UserError(where(), `expected a label, got ${shortened(String(cell))}; fill it in`);
}

/** Bytes of one page; writers make pages of about a megabyte. */
const largestPage = 2 ** 28;

/** A few bytes can claim to unfold into gigabytes. */
const bounded: Compressors = Object.fromEntries(
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
