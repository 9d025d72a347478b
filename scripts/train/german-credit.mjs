/** German credit: 7 numbers and 13 categories, each category a column of its own; good (0) or bad (1). */
import { mlp } from './mlp.mjs';
import { cellsOf, samplesOf, tableAt } from './tables.mjs';

/** Codes of a category read A, its column and its number. */
const isCode = (cell) => /^A\d+$/.test(cell);

function encoded(path) {
  const rows = cellsOf(path);
  const columns = rows[0]
    .slice(0, -1)
    .map((cell, i) => (isCode(cell) ? [...new Set(rows.map((row) => row[i]))].sort() : null));
  return samplesOf(
    rows.map((row) => [
      ...columns.flatMap((codes, i) => (codes ? codes.map((code) => Number(code === row[i])) : [row[i]])),
      Number(row.at(-1)) - 1,
    ]),
  );
}

export const germanCredit = mlp({
  files: [tableAt('german.csv')],
  features: 61,
  classes: 2,
  hidden: [32],
  samples: encoded,
  epochs: 20,
  rate: 0.003,
  decay: 0.1,
});
