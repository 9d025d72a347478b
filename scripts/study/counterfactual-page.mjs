/** The tables of docs/counterfactuals.md, between its marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './markdown-table.mjs';

const [begin, end] = ['<!-- figures -->\n', '<!-- end of figures -->'];

/** @param {Map<string, object>} known figures by the name of their cell */
export function writeCounterfactualPage(root, known, { tables, seeds, ways }) {
  const path = join(root, 'docs/counterfactuals.md');
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(begin);
  const parts = [
    ...tables.map((table) => `### ${table}\n\n${methodTable(known, table, seeds, ways)}`),
    `### Under a schema\n\n${schemaTable(known)}`,
    `### Series of CBF\n\n${seriesTable(known)}`,
  ];
  writeFileSync(path, `${before}${begin}\n${parts.join('\n\n')}\n\n${rest.slice(rest.indexOf(end))}`);
}

const figures = [
  ['l0', 1],
  ['l1', 2],
  ['l2', 2],
  ['linf', 2],
  ['lof', 2],
  ['kde', 1],
  ['yNN', 2],
  ['redundancy', 1],
  ['seconds', 3],
];

function methodTable(known, table, seeds, ways) {
  const rows = ways.map(([method, given]) => {
    const set = Object.entries(given).map((pair) => `\`${pair.join('=')}\``);
    const id = (seed) => [table, seed, method, ...Object.entries(given).map((pair) => pair.join('='))].join(' ');
    const draws = seeds.map((seed) => known.get(id(seed))).filter(Boolean);
    const cell = ([figure, digits]) =>
      spread(
        draws.map((draw) => draw[figure]),
        digits,
      );
    return [
      [method, ...set].join(' '),
      spread(
        draws.map(({ validity }) => 100 * validity),
        0,
      ),
      ...figures.map(cell),
    ];
  });
  return markdownTable(['method', 'valid, %', 'features', ...figures.slice(1).map(([figure]) => figure)], rows);
}

/** The mean of the draws, and their deviation where it shows. */
function spread(values, digits) {
  const all = values.filter((value) => value !== undefined);
  if (all.length === 0) return '';
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, all.length - 1));
  const text = deviation.toFixed(digits);
  return Number(text) === 0 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${text}`;
}

const schemaTable = (known) =>
  markdownTable(
    ['table', 'instances', 'valid, %', 'violations', 'features', 'LOF', 's an instance'],
    ['adult', 'give-me-some-credit'].map((table) => {
      const found = known.get(`${table} schema`);
      return found
        ? [table, found.instances, 100 * found.validity, found.broken, found.l0, found.lof, found.seconds]
        : [table, ...Array(6).fill('')];
    }),
  );

const seriesTable = (known) =>
  markdownTable(
    ['penalty', 'instances', 'valid, %', 'steps', 'runs', 'most runs', 's an instance'],
    ['l0', 'segments'].map((penalty) => {
      const found = known.get(`cbf ${penalty}`);
      return found
        ? [penalty, found.instances, 100 * found.validity, found.l0, found.runs, found.mostRuns, found.seconds]
        : [penalty, ...Array(6).fill('')];
    }),
  );
