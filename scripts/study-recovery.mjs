/**
 * The recovery study: dense classifiers of series, pruned to a sparsity of 0.8, and trained further from 50 labels and the other series
 * unlabelled, zeros held. Writes the tables of docs/training-recovery.md.
 *
 *     node scripts/study-recovery.mjs [--page]      needs the shared data (SCALPEL_SHARED) and `npm run build`
 *
 * Each training is one `scalpel train`. Its learning rate is the one of two that validates best with the first draw of labels.
 * Finished runs stay in docs/figures and are not made again: remove their lines to start over; `--page` runs nothing.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recoveryTables } from './study/recovery-page.mjs';
import { zerosKept } from './study/recovery-zeros.mjs';
import { scalpel, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'recovery');
const page = join(root, 'docs/training-recovery.md');
const [start, end] = ['<!-- figures: node scripts/study-recovery.mjs -->', '<!-- end of figures -->'];
/** As the bundled model was trained, whatever the defaults are. */
const training = ['--every', '50', '--augment', '3,1'];
const engine = ['--threads', '1', '--provider', 'cpu', '--json', '--quiet'];

const electric = (part) => join(shared, 'data/ucr/ElectricDevices', `ElectricDevices_${part}.npy`);
const sets = {
  'Cylinder-Bell-Funnel': {
    stem: 'cbf',
    kind: [],
    training: 'calibration/cbf-train.tsv',
    validation: [],
    test: 'calibration/cbf-test.tsv',
    dense: 'models/cbf-fcn/model.onnx',
  },
  ElectricDevices: {
    stem: 'electric-devices',
    kind: ['--kind', 'ucr'],
    training: electric('TRAIN'),
    validation: ['--validation', electric('VALIDATION')],
    test: electric('TEST'),
  },
};

const labels = 50;
const rates = [0.001, 0.003];
const seeds = [0, 1, 2];
/** The last starts from a fresh network of the same width: what the labels alone are good for. */
const trainings = [
  { name: 'supervised', algorithm: 'supervised' },
  { name: 'mixmatch', algorithm: 'mixmatch' },
  { name: 'mean-teacher', algorithm: 'mean-teacher' },
  { name: 'supervised, fresh network', algorithm: 'supervised', fresh: true },
];

const runs = studyRuns(root, folder, join(root, 'docs/figures/training-recovery.jsonl'), (figures) =>
  JSON.stringify(figures),
);
const results = [];
for (const [name, set] of Object.entries(sets)) results.push({ name, ...(await studied(set)) });
const text = readFileSync(page, 'utf8');
const [before, after] = [text.indexOf(start) + start.length, text.indexOf(end)];
writeFileSync(page, `${text.slice(0, before)}\n${recoveryTables(results)}\n${text.slice(after)}`);

async function studied(set) {
  const dense = await runs.once(`${set.stem}/dense`, async () => judged(set, await denseModel(set)));
  const pruned = await runs.once(`${set.stem}/pruned`, async () => judged(set, await prunedModel(set)));
  const recovered = [];
  for (const training of trainings) recovered.push({ ...training, runs: await bestRate(set, training) });
  return { dense, pruned, recovered };
}

/** Runs of all seeds at the rate that validates best with the first. */
async function bestRate(set, training) {
  const searched = [];
  for (const rate of rates) searched.push(await once(set, training, rate, seeds[0]));
  const score = ({ validation: { auc, logLoss } }) => [auc, -logLoss];
  const [best] = [...searched].sort((a, b) => score(b)[0] - score(a)[0] || score(b)[1] - score(a)[1]);
  const rest = [];
  for (const seed of seeds.slice(1)) rest.push(await once(set, training, best.rate, seed));
  return [best, ...rest];
}

function once(set, training, rate, seed) {
  return runs.once(`${set.stem}/${training.name}/${rate}/${seed}`, () => recovered(set, training, rate, seed));
}

async function recovered(set, { algorithm, fresh }, rate, seed) {
  const pruned = await prunedModel(set);
  const output = join(folder, 'training');
  for (const place of [output, `${output}.run`]) rmSync(place, { recursive: true, force: true });
  const report = await scalpel(root, [
    ...['train', ...(fresh ? ['--width', '64', '--standardise', 'z:training'] : ['--model', pruned])],
    ...[...dataOf(set), '--validation-size', '100', '--algorithm', algorithm, ...training],
    ...['--labels', `${labels}`, '--seeds', `${seed},`],
    ...['--rate', `${rate}`, '--steps', '300', '--unlabelled-batch', '32', ...engine, '--output', output],
  ]);
  const [{ validation, test, steps, bestStep }] = report.cells;
  return {
    rate,
    ...{ steps, bestStep, validation, accuracy: test.accuracy, auc: test.auc.weighted },
    seconds: Math.round(report.timing.cells[0].seconds),
    ...(!fresh && zerosKept(pruned, join(output, 'model.onnx'))),
  };
}

/** The bundled model, or one of the same width that is trained on all labels. */
async function denseModel(set) {
  if (set.dense) return join(root, set.dense);
  const output = join(folder, `${set.stem}-dense`);
  const path = join(output, 'model.onnx');
  if (existsSync(path)) return path;
  await scalpel(root, [
    ...['train', ...dataOf(set), '--algorithm', 'supervised', '--width', '64', '--standardise', 'z:training'],
    // many series need more than the usual 1,000 steps of 32
    ...['--labelled-batch', '128', '--rate', '0.003', '--steps', '1500', ...training, ...engine, '--output', output],
  ]);
  return path;
}

async function prunedModel(set) {
  const path = join(folder, `${set.stem}-pruned.onnx`);
  if (existsSync(path)) return path;
  const calibration = ['--calibration', set.training, ...set.kind, '--samples', '512'];
  const method = ['--method', 'wanda', '--pattern', '0.8'];
  await scalpel(root, ['prune', await denseModel(set), ...method, ...calibration, ...engine, '--output', path]);
  return path;
}

async function judged(set, model) {
  const report = await scalpel(root, ['eval', model, '--data', set.test, ...set.kind, ...engine]);
  return { accuracy: report.top1, auc: report.auc.weighted, ...zerosKept(model, model) };
}

function dataOf(set) {
  return ['--data', set.training, ...set.validation, '--test', set.test, ...set.kind];
}
