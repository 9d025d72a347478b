/** Tables of numbers with the class in the last column. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWholeSync } from '../../dist/files/whole-file.js';

const shared = process.env.SCALPEL_SHARED ?? '../shared';

export const tableAt = (name) => join(shared, 'data', 'tabular', name);

/** Rows of cells. */
export const cellsOf = (path, separator = ',') =>
  readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(separator).map((cell) => cell.trim()));

/** Names of the features, where the first line has names. */
export const namesIn = (path) => cellsOf(path)[0].slice(0, -1);

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

/** A table that `--data` reads: names of the columns first, `label` the last. */
export function saveTable(path, columns, { x, y }) {
  const line = (label, row) =>
    [...x.subarray(row * columns.length, (row + 1) * columns.length)].map(shortest).concat(label);
  writeWholeSync(path, `${[[...columns, 'label'], ...y.map(line)].join('\n')}\n`);
}

/** The fewest digits that are read as this float32. */
const shortest = (value) =>
  [6, 7, 8].map((digits) => Number(value.toPrecision(digits))).find((each) => Math.fround(each) === value) ?? value;
