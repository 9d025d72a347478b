/** Reads documents: text files whole, JSON lines and JSON arrays one text an entry. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../errors.js';

/** Larger text is cut into files before: a JavaScript string holds no more than about this. */
const largestText = 2 ** 29 - 2 ** 16;

/**
 * The texts of the files, in order; empty ones are left out.
 * @param field the field of a JSON entry that holds its text; entries that are strings need none.
 * @throws UserError naming the file, and the line or entry, when it is not what its extension says.
 */
export async function readDocuments(paths: readonly string[], field = 'text'): Promise<string[]> {
  const documents: string[] = [];
  for (const path of paths) documents.push(...(await readFile(path, field)));
  const filled = documents.filter((text) => text.trim() !== '');
  if (filled.length === 0) throw new UserError(paths[0] ?? 'data', 'expected text, got none; the files are empty');
  return filled;
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
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw new UserError(path, 'expected UTF-8 text, got other bytes; convert the file', { cause });
  }
}

async function readLines(path: string, field: string): Promise<string[]> {
  const texts: string[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() !== '') texts.push(textOf(parseJson(text, `${path}:${line}`), `${path}:${line}`, field));
  }
  return texts;
}

function jsonArray(content: unknown, path: string, field: string): string[] {
  if (!Array.isArray(content)) {
    throw new UserError(path, `expected an array of texts, or a descriptor with 'kind', got ${kindOf(content)}`);
  }
  return content.map((entry, i) => textOf(entry, `${path}[${i}]`, field));
}

function textOf(entry: unknown, where: string, field: string): string {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) throw new UserError(where, `expected a text, got ${kindOf(entry)}`);
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
    throw new UserError(where, `expected JSON, got ${(cause as Error).message}`, { cause });
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
