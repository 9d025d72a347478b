/** Cells of one line of ARFF: commas between, quoted with ' or ", a backslash before what would end or split them. */
import { UserError } from '../../errors.js';

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** @throws UserError when a quote is not closed, or something follows it. */
export function splitCells(line: string, where: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const { value, end } = readCell(line, at, where);
    cells.push(value);
    if (end >= line.length) return cells;
    if (line[end] !== ',')
      throw new UserError(
        where,
        `expected a comma after cell ${cells.length}, got '${line[end]}'; quote the cell, or mend the line`,
      );
    at = end + 1;
  }
}

/** One word, which may be quoted, and where it ends: at a comma or the end of the line. */
export function readCell(line: string, from: number, where: string): { value: string; end: number } {
  let at = from;
  while (line[at] === ' ' || line[at] === '\t') at++;
  const quote = line[at] === "'" || line[at] === '"' ? line[at] : undefined;
  if (quote === undefined) {
    const comma = line.indexOf(',', at);
    const end = comma < 0 ? line.length : comma;
    return { value: line.slice(at, end).trim(), end };
  }
  const { value, end } = readQuoted(line, at, where);
  let next = end;
  while (line[next] === ' ' || line[next] === '\t') next++;
  return { value, end: next };
}

/** @param from where the opening quote is; `end` is after the closing one. */
export function readQuoted(line: string, from: number, where: string): { value: string; end: number } {
  const quote = line[from] as string;
  const parts: string[] = [];
  let start = from + 1;
  for (let at = start; at < line.length; at++) {
    if (line[at] === quote) return { value: parts.join('') + line.slice(start, at), end: at + 1 };
    if (line[at] !== '\\') continue;
    const next = line[at + 1] ?? '';
    parts.push(line.slice(start, at), escapes[next] ?? next);
    start = at + 2;
    at++;
  }
  throw new UserError(where, `expected a closing ${quote}, got the end of the line; close it`);
}
