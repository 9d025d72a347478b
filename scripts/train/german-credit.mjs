/** German credit: 7 numbers and 13 categories, each category a column of its own; good (0) or bad (1). */
import { mlp } from './mlp.mjs';
import { cellsOf, samplesOf, tableAt } from './tables.mjs';

const path = tableAt('german.csv');
const attributes = [
  ...['status', 'duration', 'history', 'purpose', 'amount', 'savings', 'employment', 'rate', 'personal', 'debtors'],
  ...['residence', 'property', 'age', 'plans', 'housing', 'credits', 'job', 'liable', 'telephone', 'foreign'],
];

/** Codes of a category read A, its column and its number. */
const isCode = (cell) => /^A\d+$/.test(cell);

/** The codes of each attribute, or null where it is a number. */
const codesOf = (rows) =>
  attributes.map((_, i) => (isCode(rows[0][i]) ? [...new Set(rows.map((row) => row[i]))].sort() : null));

function encoded() {
  const rows = cellsOf(path);
  const all = codesOf(rows);
  return samplesOf(
    rows.map((row) => [
      ...all.flatMap((codes, i) => (codes ? codes.map((code) => Number(code === row[i])) : [row[i]])),
      Number(row.at(-1)) - 1,
    ]),
  );
}

export const germanCredit = mlp({
  files: [path],
  features: 61,
  columns: () =>
    codesOf(cellsOf(path)).flatMap((codes, i) => codes?.map((code) => `${attributes[i]}_${code}`) ?? [attributes[i]]),
  classes: 2,
  hidden: [32],
  samples: encoded,
  epochs: 20,
  rate: 0.003,
  decay: 0.1,
});
