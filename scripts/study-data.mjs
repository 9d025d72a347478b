/**
 * Real networks on real data through the readers, one `scalpel eval` each. Writes the table of docs/data.md.
 *
 *     node scripts/study-data.mjs              needs the shared models and data (SCALPEL_SHARED, default ../shared)
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runs } from './study/data-runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const page = join(root, 'docs', 'data.md');
const [start, end] = ['<!-- figures: node scripts/study-data.mjs -->', '<!-- end of figures -->'];

const rows = runs(shared).map(({ network, known, line }) => {
  const { top1, top5, samples } = evaluate(line);
  console.error(`${network}: ${percent(top1)}`);
  const figures = [percent(top1), top5 === undefined ? '' : percent(top5), samples.toLocaleString('en')];
  return `| ${network} | \`scalpel eval ${line}\` | ${figures.join(' | ')} | ${known} |`;
});
const table = [
  '| network | command | top-1 | top-5 | samples | known |',
  '| --- | --- | ---: | ---: | ---: | --- |',
  ...rows,
].join('\n');
const text = readFileSync(page, 'utf8');
const [before, after] = [text.indexOf(start) + start.length, text.indexOf(end)];
writeFileSync(page, `${text.slice(0, before)}\n${table}\n${text.slice(after)}`);

/** @param {string} line */
function evaluate(line) {
  const words = line.split(' ');
  const run = spawnSync(
    process.execPath,
    [join(root, 'bin/scalpel.js'), 'eval', ...words, '--provider', 'cpu', '--quiet', '--json'],
    { cwd: shared, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (run.status !== 0) throw new Error(`scalpel eval ${line}: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** @param {number} fraction */
function percent(fraction) {
  return `${(100 * fraction).toFixed(2)} %`;
}
