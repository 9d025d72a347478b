/** Lists of token ids: read from files, or those that occur in data. */

import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { UserError } from '../errors.js';
import { loadNpy } from '../tensor/npy.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';
import { statsAt } from './files.js';

/**
 * The ids of a file, each once, ascending: .npy of integers of any shape, .json with a list of numbers, or text with spaces, line
 * breaks or commas between.
 * @throws UserError for a file that is missing or holds anything else.
 */
export function readTokenList(path: string): Int32Array {
  const stats = statsAt(path);
  if (!stats) throw new UserError(path, 'no such file; check the path');
  if (!stats.isFile()) throw new UserError(path, 'expected a file of token ids, got something else; check the path');
  const kind = extname(path).toLowerCase();
  if (kind === '.npy') return distinct(numbersOf(loadNpy(path), path), path);
  const text = readFileSync(path, 'utf8');
  return distinct(kind === '.json' ? listed(text, path) : words(text, path), path);
}

/** Those that occur, each once, ascending. @param tokens of integers. */
export const occurringTokens = (tokens: Tensor, where: string): Int32Array => distinct(numbersOf(tokens, where), where);

function numbersOf(tokens: Tensor, where: string): Iterable<number> {
  if (!/^u?int(8|16|32|64)$/.test(tokens.dtype)) {
    throw new UserError(where, `expected token ids as integers, got ${tokens.dtype}; save them as int64`);
  }
  // few of many: no array of all of them is made
  return new Set(Array.from(new Set<number | bigint>(dataOf(tokens)), Number));
}

function listed(text: string, path: string): number[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new UserError(path, `expected JSON, got ${(cause as Error).message}; correct it there`, { cause });
  }
  const isList = Array.isArray(content) && content.every((each) => typeof each === 'number');
  if (isList) return content as number[];
  throw new UserError(path, 'expected a list of token ids, such as [0, 5, 17], got something else; correct it there');
}

function words(text: string, path: string): number[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      if (/^\d+$/.test(word)) return Number(word);
      throw new UserError(
        path,
        `expected token ids with spaces, line breaks or commas between, got '${word.slice(0, 40)}'; correct it there`,
      );
    });
}

function distinct(ids: Iterable<number>, where: string): Int32Array {
  const all = new Set<number>();
  for (const id of ids) {
    if (Number.isInteger(id) && id >= 0 && id < 2 ** 31) all.add(id);
    else throw new UserError(where, `expected token ids, whole numbers from 0 on, got ${id}; correct it there`);
  }
  if (all.size === 0) throw new UserError(where, 'expected at least one token id, got none; name the tokens to keep');
  return Int32Array.from(all).sort();
}
