/** From `0.5`, `2:4` or `16x4:0.5` to a pattern, with a guess at what was meant otherwise. */
import { UserError } from '../errors.js';
import type { PatternSpec } from './patterns.js';

/**
 * @param where the command, and @param option its option, that messages name.
 * @throws UserError naming the nearest valid pattern.
 */
export function parsePattern(text: string, where = 'prune', option = '--pattern'): PatternSpec {
  const pattern = read(text.trim());
  if (pattern) return pattern;
  const guess = [...guesses(text)].find((candidate) => read(candidate));
  const advice = guess ? `did you mean ${guess}?` : 'give for example 0.5, 2:4 or 16x4:0.5';
  throw new UserError(where, `${option} expected a fraction in [0, 1), n:m or RxC:fraction, got '${text}'; ${advice}`);
}

function read(text: string): PatternSpec | undefined {
  const pair = /^(\d+):(\d+)$/.exec(text);
  if (pair) {
    const [n, m] = [Number(pair[1]), Number(pair[2])];
    return n >= 1 && n < m ? { kind: 'n:m', n, m } : undefined;
  }
  const tile = /^(\d+)x(\d+):(.*)$/.exec(text);
  const sparsity = fraction(tile ? (tile[3] as string) : text);
  if (sparsity === undefined) return undefined;
  if (!tile) return { kind: 'unstructured', sparsity };
  const [rows, columns] = [Number(tile[1]), Number(tile[2])];
  return rows >= 1 && columns >= 1 ? { kind: 'blocks', rows, columns, sparsity } : undefined;
}

function fraction(text: string): number | undefined {
  const value = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value < 1 ? value : undefined;
}

/** What people write instead: percentages, decimal commas, other separators, n and m exchanged, no fraction. */
function* guesses(text: string): Generator<string> {
  const plain = text.trim().toLowerCase().replace(/\s+/g, '');
  const parts = /^(?:(\d+)[x*×,](\d+)[:@/]?)?(.*)$/.exec(plain) as RegExpExecArray;
  const tile = parts[1] === undefined ? '' : `${parts[1]}x${parts[2]}:`;
  const rest = parts[3] as string;
  yield plain;
  yield tile + rest;
  const number = Number(rest.replace(',', '.').replace(/%$/, ''));
  if (/^\d+,\d+$/.test(plain)) yield plain.replace(',', '.');
  if (rest !== '' && number >= 10 && number < 100) yield `${tile}${Number((number / 100).toPrecision(12))}`;
  if (rest !== '' && number > 0 && number < 1) yield `${tile}${number}`;
  if (tile !== '' && rest === '') yield `${tile}0.5`;
  const pair = /^(\d+)[^\d.]+(\d+)$/.exec(plain);
  if (pair) {
    yield `${pair[1]}:${pair[2]}`;
    yield `${pair[2]}:${pair[1]}`;
  }
}
