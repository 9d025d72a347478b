/** Tables of numbers with the class in the last column. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const shared = process.env.SCALPEL_SHARED ?? '../shared';

export const tableAt = (name) => join(shared, 'data', 'tabular', name);

/** Rows of cells. */
export const cellsOf = (path, separator = ',') =>
  readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(separator).map((cell) => cell.trim()));

/** The first line says something else: names, or sizes. */
export const afterHeader = (path) => samplesOf(cellsOf(path).slice(1));

/** The first table is trained on, the second held out. */
export function trainAndTest(train, test) {
  const first = cellsOf(train).slice(1);
  return { ...samplesOf([...first, ...cellsOf(test).slice(1)]), train: first.length };
}

export const samplesOf = (rows) => ({
  x: Float32Array.from(rows.flatMap((row) => row.slice(0, -1).map(Number))),
  y: rows.map((row) => Number(row.at(-1))),
});
