/** The tables of the attack study, in Markdown. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './markdown-table.mjs';

const [begin, end] = ['<!-- figures -->\n', '<!-- end of figures -->'];

/** Puts the tables of the finished cells between the marks of docs/attack-results.md. */
export function writeAttackPage(root, cells) {
  const path = join(root, 'docs/attack-results.md');
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest.slice(rest.indexOf(end));
  writeFileSync(path, `${before}${begin}\n${tables(cells)}\n${after}`);
}

function tables(cells) {
  const of = (test) => cells.filter(test);
  const parts = [
    ['Untargeted', of(({ goals }) => goals.length === 0)],
    ['To the next label', of(({ goals }) => goals.length === 1)],
  ];
  return [
    ...parts.map(([title, part]) => `## ${title}\n\n${attackTable(part)}`),
    `## Nine targets an image\n\n${targetTable(of(({ goals }) => goals.length > 1))}`,
  ].join('\n\n');
}

function attackTable(cells) {
  const titles = [
    'attack',
    'success',
    'after rounding',
    'ACP',
    'ANC',
    'l2',
    'linf',
    'd20',
    'IS 80',
    'forwards',
    'backwards',
    's',
  ];
  const rows = cells.map(({ attack, isReduced, images, figures }) => [
    `${attack}${isReduced ? ' *' : images < 100 ? ' †' : ''}`,
    percent(figures.successRate),
    percent(figures.roundedSuccessRate),
    number(figures.positions, 1),
    number(figures.clusters, 2),
    // in [-1, 1], as the paper measures
    number(doubled(figures.l2), 3),
    number(doubled(figures.linf), 3),
    number(figures.d20, 1),
    number(figures.interpretability, 2),
    number(figures.forwards, 0),
    number(figures.backwards, 0),
    number(figures.seconds, 2),
  ]);
  return markdownTable(titles, rows);
}

function targetTable(cells) {
  const own = cells.find(({ attack }) => attack === 'gse')?.figures.targets.average.change.d20;
  const rows = cells.map(({ attack, isReduced, figures: { targets, seconds } }) => {
    const { best, average, worst } = targets;
    const others = average.change.d20;
    const of = ({ successRate, change }) => [
      percent(successRate),
      number(change?.positions, 1),
      number(change?.d20, 1),
    ];
    const gain = attack === 'gse' || own === undefined ? '' : percent(1 - own / others);
    return [`${attack}${isReduced ? ' *' : ''}`, ...of(best), ...of(average), ...of(worst), gain, number(seconds, 2)];
  });
  const cases = ['best', 'average', 'worst'].flatMap((each) => [`${each}: success`, 'ACP', 'd20']);
  return markdownTable(['attack', ...cases, "GSE's gain in average d20", 's'], rows);
}

const doubled = (value) => (value === null || value === undefined ? value : 2 * value);

const number = (value, digits) => (value === null || value === undefined ? '-' : value.toFixed(digits));

const percent = (value) => (value === null || value === undefined ? '-' : `${(100 * value).toFixed(1)} %`);
