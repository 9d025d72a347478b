/**
 * The training study: algorithms and baselines on Crop and ElectricDevices by number of labels, beside the published figures. Each
 * cell is one `scalpel train` with its defaults. Writes docs/training-results.md.
 *
 *     node scripts/study-training.mjs [--page] [--only=PREFIX]      needs the shared data (SCALPEL_SHARED) and `npm run build`
 *
 * Finished cells stay in docs/figures and are not run again: remove their lines to start over; `--page` runs nothing. Two cells go on at
 * a time, a thread each.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inPool, scalpel, studyRuns } from './study/runs.mjs';
import { trainingPage } from './study/training-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length) ?? '';

const sets = ['Crop', 'ElectricDevices'];
/** Those of the published study. */
const seeds = [138, 299, 123, 988, 16161];
const main = { methods: ['supervised', 'mixmatch', 'vat', 'mean-teacher'], labels: [50, 100, 250, 500], seeds };
const others = {
  methods: ['fully-labelled', 'pseudo-label', 'pi-model', 'fixmatch', 'ladder', 'self-supervised'],
  labels: [50, 250],
  seeds: seeds.slice(0, 2),
};
/** Fitted beside the supervised network, to the same labels. */
const baselines = ['random-forest', 'rocket', 'logistic-regression', 'label-propagation', 'label-spreading'];

/** What decides something first: the fewest labels of both sets, every method of a seed before the next. */
const cells = [main, others].flatMap(({ methods, labels, seeds: drawn }) =>
  labels.flatMap((budget) =>
    drawn.flatMap((seed) => sets.flatMap((set) => methods.map((method) => ({ set, method, labels: budget, seed })))),
  ),
);

const folder = join(root, 'out', 'training-study');
mkdirSync(folder, { recursive: true });
const runs = studyRuns(root, folder, join(root, 'docs/figures/training-results.jsonl'), tell);
const idOf = ({ set, method, labels, seed }) => `${set}/${method}/${labels}/${seed}`;

if (!process.argv.includes('--page')) {
  const wanted = cells.filter((cell) => idOf(cell).startsWith(only) && !runs.has(idOf(cell)));
  console.error(`${wanted.length} of ${cells.length} cells to go`);
  await inPool(
    wanted.map((cell) => () => runs.once(idOf(cell), () => trained(cell))),
    2,
  );
}
const done = [];
for (const cell of cells) if (runs.has(idOf(cell))) done.push({ ...cell, ...(await runs.once(idOf(cell))) });
writeFileSync(join(root, 'docs/training-results.md'), trainingPage(sets, done));

async function trained({ set, method, labels, seed }) {
  const file = (part) => join(shared, 'data/ucr', set, `${set}_${part}.npy`);
  const output = join(folder, `${set}-${method}-${labels}-${seed}`);
  for (const place of [output, `${output}.run`]) rmSync(place, { recursive: true, force: true });
  const report = await scalpel(root, [
    ...['train', '--kind', 'ucr', '--data', file('TRAIN'), '--validation', file('VALIDATION'), '--test', file('TEST')],
    ...['--validation-size', '100', '--test-size', '2000', '--labels', `${labels}`, '--seeds', `${seed},`],
    ...['--algorithm', method, '--threads', '1', '--provider', 'cpu', '--json', '--quiet', '--output', output],
    ...(method === 'supervised' ? ['--baseline', baselines.join(',')] : []),
  ]);
  rmSync(output, { recursive: true, force: true });
  const [cell] = report.cells;
  return {
    ...figuresOf(cell.test),
    steps: cell.steps,
    bestStep: cell.bestStep,
    seconds: Math.round(report.timing.cells[0].seconds),
    ...(cell.warnings.length > 0 && { warnings: cell.warnings }),
    ...(report.baselines && {
      baselines: Object.fromEntries(report.baselines.map(({ name, test }) => [name, figuresOf(test)])),
    }),
  };
}

function figuresOf({ auc, accuracy, f1, logLoss, expectedCalibrationError }) {
  const brief = (value) => Number(value.toPrecision(5));
  return {
    auc: brief(auc.weighted),
    accuracy: brief(accuracy),
    f1: brief(f1.macro),
    logLoss: brief(logLoss),
    calibration: brief(expectedCalibrationError),
  };
}

function tell({ auc, accuracy, steps, bestStep, seconds }) {
  return `weighted AUC ${auc}, accuracy ${accuracy}, best at ${bestStep} of ${steps} steps, ${seconds} s`;
}
