/** Reads documents: text files whole, JSON lines and JSON arrays one text an entry. */
import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { UserError } from '../errors.js';
import { textLines } from './readers/text-lines.js';

/** Larger text is cut into files before: a JavaScript string holds no more than about this. */
const largestText = 2 ** 29 - 2 ** 16;

/**
 * The texts of the files, in order; empty ones are left out.
 * @param field the field of a JSON entry that holds its text; entries that are strings need none.
 * @throws UserError naming the file, and the line or entry, when it is not what its extension says.
 */
export async function readDocuments(paths: readonly string[], field = 'text'): Promise<string[]> {
  const documents: string[] = [];
  for (const path of paths) {
    for (const text of await readFile(path, field)) if (text.trim() !== '') documents.push(text);
  }
  if (documents.length === 0) throw new UserError(paths[0] ?? 'data', 'expected text, got none; the files are empty');
  return documents;
}

async function readFile(path: string, field: string): Promise<string[]> {
  const kind = extname(path).toLowerCase();
  if (kind === '.jsonl' || kind === '.ndjson') return readLines(path, field);
  const text = readText(path);
  return kind === '.json' ? jsonArray(parseJson(text, path), path, field) : [text];
}

function readText(path: string): string {
  const { size } = statSync(path);
  if (size > largestText)
    throw new UserError(path, `expected at most ${largestText} bytes, got ${size}; split the file`);
  const bytes = readFileSync(path);
  // no text has them, and UTF-16 without its mark is valid UTF-8 with one behind every letter
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new UserError(path, `expected UTF-8 text, got a NUL at byte ${zero}; convert the file`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(path, 'expected UTF-8 text, got other bytes; convert the file', { cause });
  }
}

async function readLines(path: string, field: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text, line } of textLines(path)) {
    if (text.trim() !== '') texts.push(textOf(parseJson(text, `${path}:${line}`), `${path}:${line}`, field));
  }
  return texts;
}

function jsonArray(content: unknown, path: string, field: string): string[] {
  if (!Array.isArray(content)) {
    throw new UserError(
      path,
      `expected an array of texts, or a descriptor with 'kind', got ${kindOf(content)}; put the texts in [ ]`,
    );
  }
  return content.map((entry, i) => textOf(entry, `${path}[${i}]`, field));
}

function textOf(entry: unknown, where: string, field: string): string {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new UserError(where, `expected a text, got ${kindOf(entry)}; leave the entry out`);
  const text: unknown = Object.hasOwn(entry, field) ? (entry as Record<string, unknown>)[field] : undefined;
  if (typeof text === 'string') return text;
  const texts = Object.entries(entry).flatMap(([name, value]) => (typeof value === 'string' ? [`'${name}'`] : []));
  throw new UserError(
    where,
    `expected text in the field '${field}', got ${kindOf(text)}; fields with text: ${texts.join(', ') || 'none'}`,
  );
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(where, `expected JSON, got ${(cause as Error).message}; repair it there`, { cause });
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
