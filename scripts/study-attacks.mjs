/**
 * The attack study: all attacks on ResNet-20 and CIFAR-10, untargeted and targeted, and GSE with its best competitors over nine targets.
 * Writes the tables of docs/attack-results.md between its marks.
 *
 *     node scripts/study-attacks.mjs [--page] [ATTACK...]      needs the shared models and data (SCALPEL_SHARED)
 *
 * Finished cells stay in docs/figures and are not run again: remove their lines to start over. Names run only these attacks; `--page` runs
 * nothing. Two cells at a time, a thread each.
 */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cellsOf, targetCells } from './study/attack-cells.mjs';
import { writeAttackPage } from './study/attack-page.mjs';
import { inPool, scalpel, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'attacks');
const words = process.argv.slice(2);
const isPage = words.includes('--page');
const wanted = words.filter((word) => !word.startsWith('--'));

const tell = ({ successRate, positions, d20, forwards, seconds }) =>
  `success ${successRate}, ${positions} pixels, d20 ${d20}, ${forwards} forwards, ${seconds} s`;
const ledger = studyRuns(root, folder, join(root, 'docs/figures/attack-results.jsonl'), tell);

/** GSE, the three that come nearest to it in d20, and the one that its paper comes nearest to. */
const competitors = ['gse', 'zoom', 'sigma-zero', 'homotopy', 'sparsefool', 'strattack'];
const all = [...cellsOf(shared), ...targetCells(shared, competitors)];
const known = async (cell) => ({ ...cell, figures: await ledger.once(cell.id, () => figuresOf(cell)) });
const chosen = isPage ? [] : all.filter(({ attack }) => wanted.length === 0 || wanted.includes(attack));
await inPool(
  chosen.map((cell) => () => known(cell)),
  2,
);
writeAttackPage(root, await Promise.all(all.filter(({ id }) => ledger.has(id)).map(known)));

async function figuresOf({ id, args }) {
  const output = join(folder, id);
  const engine = ['--provider', 'cpu', '--threads', '1', '--output', output, '--force', '--json', '--quiet'];
  // 5: nothing was found, which is a result
  const report = await scalpel(root, [...args, ...engine], [0, 5]);
  rmSync(output, { recursive: true, force: true });
  const { summary } = report.attacks[0];
  const seconds = mean(report.timing.attacks.map(({ secondsPerExample }) => secondsPerExample));
  const passes = summary.passes;
  const change = (figure) => passes[0].change?.[figure].mean;
  return {
    attacked: passes.reduce((sum, { attacked }) => sum + attacked, 0),
    successRate: mean(passes.map((pass) => pass.successRate)),
    roundedSuccessRate: mean(passes.map((pass) => pass.roundedSuccessRate)),
    ...Object.fromEntries(
      ['positions', 'elements', 'clusters', 'l1', 'l2', 'linf', 'd20'].map((figure) => [
        figure,
        rounded(change(figure)),
      ]),
    ),
    interpretability: rounded(passes[0].interpretability?.['80']),
    forwards: rounded(mean(passes.map((pass) => pass.forwards.mean))),
    backwards: rounded(mean(passes.map((pass) => pass.backwards.mean))),
    seconds: rounded(seconds),
    ...(summary.targets && { targets: summary.targets }),
  };
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value) {
  return value === undefined ? null : Number(value.toPrecision(5));
}
