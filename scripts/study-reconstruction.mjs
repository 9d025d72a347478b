/**
 * The reconstruction study: what is left after pruning, by what was fitted at a time, on language models, a residual network and time
 * series. Writes the tables of docs/reconstruction-results.md between its marks, and the chart beside it.
 *
 *     node scripts/study-reconstruction.mjs [--timed | --page]      needs the shared models and data (SCALPEL_SHARED)
 *
 * Finished cells stay in docs/figures and are not run again: remove their lines to start over. Two hours on two quiet cores. `--timed` runs
 * only the cells whose time and memory are told, one after the other, which wants a machine that does nothing else; `--page` runs nothing
 * and writes the page of the cells that are there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cellsOf } from './study/reconstruction-cells.mjs';
import { chainWorks } from './study/reconstruction-chains.mjs';
import { paretoChart } from './study/reconstruction-chart.mjs';
import { tables } from './study/reconstruction-page.mjs';
import { inPool, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'reconstruction');
const isTimed = process.argv.includes('--timed');
const isPage = process.argv.includes('--page');

const ledger = studyRuns(root, folder, join(root, 'docs/figures/reconstruction-results.jsonl'));
const { quality, timed } = cellsOf(root, shared, folder);
const chains = chainWorks(root, shared, folder, ledger);

/** Two at a time, a thread each: figures of quality do not depend on what else runs. */
const atOnce = 2;
const cells = isTimed
  ? []
  : await inPool(
      wanted(quality).map((cell) => () => done(cell, ['--threads', '1'])),
      atOnce,
    );
const beyond = isTimed
  ? []
  : await inPool(
      wanted(chains).map(({ make }) => make),
      atOnce,
    );
const times = await inPool(
  wanted(timed).map((cell) => () => done(cell, [])),
  1,
);
if (!isTimed) writePage();

function wanted(all) {
  return isPage ? all.filter(({ id }) => ledger.has(id)) : all;
}

async function done(cell, engine) {
  return { ...cell, figures: await ledger.run(cell.id, [...cell.args, '--provider', 'cpu', ...engine]) };
}

function writePage() {
  const page = join(root, 'docs', 'reconstruction-results.md');
  const [begin, end] = ['<!-- figures -->\n', '<!-- end of figures -->'];
  const text = readFileSync(page, 'utf8');
  const made = `${begin}\n${tables(cells, times, beyond)}\n${end}`;
  writeFileSync(page, text.slice(0, text.indexOf(begin)) + made + text.slice(text.indexOf(end) + end.length));
  writeFileSync(join(root, 'docs', 'reconstruction-pareto.svg'), paretoChart(times));
}
