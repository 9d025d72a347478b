/** Files of labels beside data that has none: JSON, CSV, TSV or plain lines, by the name of each record or in their order. */
import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { UserError } from '../../errors.js';
import type { Label } from '../reader.js';
import { readNumber } from './numbers.js';

export interface FileLabels {
  readonly labels: readonly Label[];
  /** Where all labels are whole numbers, they are those of the classes. */
  readonly classes?: readonly Label[];
}

/**
 * @param names of records, folders apart by `/`; found in the file as they are, without folders, or without the extension too.
 * @param field the column or field of the label. @throws UserError naming the first record without a label.
 */
export async function labelsOfFiles(
  path: string,
  names: readonly string[],
  field: string | undefined,
): Promise<FileLabels> {
  const entries = await readEntries(path, field);
  if (entries.every(({ name }) => name === undefined)) return inOrder(path, entries, names.length);
  const exact = new Map<string, Label>();
  const bare = new Map<string, Label>();
  for (const { name = '', label } of entries) {
    const known = exact.get(name);
    if (known !== undefined && known !== label) {
      throw new UserError(path, `expected one label for '${name}', got '${known}' and '${label}'; leave one out`);
    }
    exact.set(name, label);
    bare.set(basename(name), label);
  }
  const labels = names.map((name) => {
    const base = basename(name);
    const found = exact.get(name) ?? exact.get(base) ?? exact.get(basename(name, extname(name))) ?? bare.get(base);
    if (found !== undefined) return found;
    throw new UserError(path, `expected a label for '${name}', got none; add it, or leave the file out`);
  });
  return withClasses(labels);
}

/** One label a record, in their order. @throws UserError when there are fewer or more. */
export const labelsInOrder = async (path: string, count: number, field: string | undefined): Promise<FileLabels> =>
  inOrder(path, await readEntries(path, field), count);

function inOrder(path: string, entries: readonly Entry[], count: number): FileLabels {
  if (entries.length !== count) {
    throw new UserError(path, `expected ${count} labels, one a record, got ${entries.length}; give one a record`);
  }
  return withClasses(entries.map(({ label }) => label));
}

/** More classes than any model tells apart; numbers beyond are names. */
const mostClasses = 1_000_000;

function withClasses(labels: readonly Label[]): FileLabels {
  const numbers = labels.map((label) => (typeof label === 'number' ? label : readNumber(label)));
  const areClasses = numbers.every(
    (value) => value !== undefined && Number.isInteger(value) && value >= 0 && value < mostClasses,
  );
  if (!areClasses) return { labels };
  const largest = (numbers as number[]).reduce((most, value) => Math.max(most, value), 0);
  return { labels, classes: Array.from({ length: largest + 1 }, (_, i) => i) };
}

interface Entry {
  readonly name?: string;
  readonly label: Label;
}

const nameFields = ['file', 'filename', 'file_name', 'image', 'path', 'name', 'id', 'key'];
const labelFields = ['label', 'class', 'index', 'target', 'category', 'y'];

/** Larger files of labels would be of more records than anything else here is made for. */
const largestFile = 2 ** 28;

async function readEntries(path: string, field: string | undefined): Promise<readonly Entry[]> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile())
    throw new UserError(
      path,
      stats ? 'expected a file of labels, got a folder; check the path' : 'no such file; check the path',
    );
  if (stats.size > largestFile)
    throw new UserError(path, `expected labels, got a file of ${stats.size} bytes; give a smaller file`);
  const text = readFileSync(path, 'utf8');
  const kind = extname(path).toLowerCase();
  const entries =
    kind === '.json' ? fromJson(text, path, field) : fromRows(await rowsOf(text, kind, path), path, field);
  if (entries.length === 0) throw new UserError(path, 'expected labels, got none; the file is empty');
  return entries;
}

function fromJson(text: string, path: string, field: string | undefined): Entry[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new UserError(path, `expected JSON, got ${(cause as Error).message}; mend it`, { cause });
  }
  if (Array.isArray(content)) return content.map((entry, i) => entryOf(entry, `${path}[${i}]`, field));
  if (typeof content !== 'object' || content === null)
    throw new UserError(path, 'expected an object or array of labels; write {"name": label} or [label]');
  return Object.entries(content).map(([name, label]) => ({ name, label: labelOf(label, `${path}: '${name}'`) }));
}

function entryOf(entry: unknown, where: string, field: string | undefined): Entry {
  if (typeof entry !== 'object' || entry === null) return { label: labelOf(entry, where) };
  const record = entry as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record);
  const name = nameFields.find((key) => typeof record[key] === 'string' && key !== field);
  const key = field ?? labelFields.find((each) => keys.includes(each));
  if (key === undefined || !Object.hasOwn(record, key)) {
    throw new UserError(
      where,
      `expected a label in ${field === undefined ? `one of ${labelFields.join(', ')}` : `'${field}'`}, got ${keys.join(', ')}; name its field with --label-column`,
    );
  }
  return { ...(name !== undefined && { name: String(record[name]) }), label: labelOf(record[key], where) };
}

function labelOf(label: unknown, where: string): Label {
  if (typeof label === 'number' || (typeof label === 'string' && label !== '')) return label;
  throw new UserError(
    where,
    `expected a label, a name or a number, got ${JSON.stringify(label) ?? 'nothing'}; mend it`,
  );
}

/** Cells by the file's kind: commas, tabs, or white space before the last word of a line. */
async function rowsOf(text: string, kind: string, path: string): Promise<string[][]> {
  if (kind !== '.csv' && kind !== '.tsv') {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.map((line) =>
      /^(?:(.*\S)\s+)?(\S+)$/
        .exec(line.trim())!
        .slice(1)
        .filter((cell) => cell !== undefined),
    );
  }
  const { parse } = await import('csv-parse/sync');
  try {
    return parse(text, { bom: true, delimiter: kind === '.tsv' ? '\t' : ',', skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw new UserError(path, `expected CSV, got ${(cause as Error).message}; mend it`, { cause });
  }
}

/** The first row names the columns when it has a word for one; else the name comes first, or there is only the label. */
function fromRows([first, ...rest]: readonly (readonly string[])[], path: string, field: string | undefined): Entry[] {
  if (!first) return [];
  const words = first.map((cell) => cell.toLowerCase());
  const named = words.findIndex((word) => nameFields.includes(word) && word !== field);
  const labelled = first.findIndex((cell, i) =>
    field === undefined ? labelFields.includes(words[i]!) : cell === field,
  );
  const hasHeader = named >= 0 || labelled >= 0;
  if (field !== undefined && labelled < 0) {
    throw new UserError(
      path,
      `expected a column '${field}', got ${first.join(', ')}; choose one of these with --label-column`,
    );
  }
  const [nameAt, labelAt] = hasHeader
    ? [named, labelled >= 0 ? labelled : first.findIndex((_, i) => i !== named)]
    : first.length > 1
      ? [0, 1]
      : [-1, 0];
  const rows = hasHeader ? rest : [first, ...rest];
  return rows.map((cells, i) => {
    const label = labelOf(cells[labelAt] ?? '', `${path}:${i + (hasHeader ? 2 : 1)}`);
    return nameAt < 0 ? { label } : { name: cells[nameAt] ?? '', label };
  });
}
