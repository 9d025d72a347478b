/** The tables of docs/counterfactual-results.md, between its marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './markdown-table.mjs';

const [begin, end] = ['<!-- figures -->\n', '<!-- end of figures -->'];

/** @param {Map<string, object>} known figures by the name of their cell */
export function writeCounterfactualPage(root, known, { tables, seeds, ways, digitWays, linearWays, nameOf }) {
  const path = join(root, 'docs/counterfactual-results.md');
  const [before, rest] = readFileSync(path, 'utf8').split(begin);
  const drawsOf = (table, method, given) =>
    seeds.map((seed) => known.get(nameOf(table, seed, method, given))).filter(Boolean);
  const both = (table, methods, isDigits) => {
    const rows = methods.map(([method, given, most, part]) => ({
      name: `${titleOf(method, given)}${part ? ' ‡' : most ? ' †' : ''}`,
      draws: drawsOf(table, method, given),
    }));
    const failing = rows.filter(({ draws }) => draws.some(({ validity }) => validity < 1));
    const all =
      failing.length > 0
        ? `\n\nOver all, a failure counted as unchanged, where there are any:\n\n${overAll(failing)}`
        : '';
    return `${methodTable(rows, isDigits)}${all}`;
  };
  const parts = [
    ...tables.map((table) => `## ${table}\n\n${both(table, ways, false)}`),
    `## mnist\n\n${both('mnist', digitWays, true)}`,
    `## Under a schema\n\n${schemaTable(known)}`,
    `## Linear networks under a schema\n\n${linearTable(known, linearWays, nameOf)}`,
    `## Series of CBF\n\n${seriesTable(known)}`,
  ];
  writeFileSync(path, `${before}${begin}\n${parts.join('\n\n')}\n\n${rest.slice(rest.indexOf(end))}`);
}

const titleOf = (method, given) => [method, ...Object.entries(given).map((pair) => `\`${pair.join('=')}\``)].join(' ');

const figures = [
  ['l0', 1, 'features'],
  ['l1', 2],
  ['l2', 2],
  ['linf', 2],
  ['lof', 2, 'LOF'],
  ['kde', 1],
  ['gmmMedian', 1, 'gmm'],
  ['yNN', 2],
  ['im1', 2, 'IM1'],
  ['im2', 3, 'IM2'],
  ['redundancy', 1],
  ['seconds', 3],
];

function methodTable(rows, isDigits) {
  // of digits distances are long, and of densities only the logarithm of kernels tells
  const shown = figures.filter(([figure]) => !(isDigits && figure === 'gmmMedian'));
  return markdownTable(
    ['method', 'valid, %', ...shown.map(([figure, , title = figure]) => title)],
    rows.map(({ name, draws }) => [
      name,
      spread(
        draws.map(({ validity }) => 100 * validity),
        0,
      ),
      ...shown.map(([figure, digits]) =>
        spread(
          draws.map((draw) => draw[figure]),
          digits,
        ),
      ),
    ]),
  );
}

const overAll = (rows) => {
  const shown = figures.filter(([figure]) => ['l0', 'l1', 'l2', 'linf', 'lof', 'kde', 'yNN'].includes(figure));
  return markdownTable(
    ['method', ...shown.map(([figure, , title = figure]) => title)],
    rows.map(({ name, draws }) => [
      name,
      ...shown.map(([figure, digits]) =>
        spread(
          draws.map(({ all }) => all[figure]),
          digits,
        ),
      ),
    ]),
  );
};

/** The mean of the draws, and their deviation where it shows. */
function spread(values, digits) {
  const all = values.filter((value) => value !== undefined);
  if (all.length === 0) return '';
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, all.length - 1));
  const text = deviation.toFixed(digits);
  return Number(text) === 0 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${text}`;
}

const cellsOf = (found, names) =>
  names.map((name) => (found ? (name === 'validity' ? 100 * found.validity : (found[name] ?? '')) : ''));

const schemaTable = (known) =>
  markdownTable(
    ['table', 'instances', 'valid, %', 'violations', 'features', 'LOF', 's an instance'],
    ['adult', 'give-me-some-credit'].map((table) => [
      table,
      ...cellsOf(known.get(`${table} schema`), ['instances', 'validity', 'broken', 'l0', 'lof', 'seconds']),
    ]),
  );

const linearTable = (known, ways, nameOf) =>
  markdownTable(
    ['table', 'method', 'instances', 'valid, %', 'violations', 'features', 'l1', 'LOF', 's an instance'],
    ['adult', 'give-me-some-credit'].flatMap((table) =>
      ways.map(([method, given]) => [
        table,
        titleOf(method, given),
        ...cellsOf(known.get(nameOf(table, 'linear', method, given)), [
          ...['instances', 'validity', 'broken', 'l0', 'l1', 'lof', 'seconds'],
        ]),
      ]),
    ),
  );

const seriesTable = (known) =>
  markdownTable(
    ['penalty', 'instances', 'valid, %', 'steps', 'runs', 'most runs', 'LOF', 's an instance'],
    ['l0 none', 'segments none', 'segments'].map((penalty) => [
      penalty.replace(' none', ', without plausibility'),
      ...cellsOf(known.get(`cbf ${penalty}`), ['instances', 'validity', 'l0', 'runs', 'mostRuns', 'lof', 'seconds']),
    ]),
  );
