/**
 * The study of structured pruning: five networks without 30 % and 50 % of their units, fitted again and not, one of them also without
 * channels of its residual streams. Writes the tables of docs/shrinking-results.md.
 *
 *     node scripts/study-shrinking.mjs [--page]      needs the shared data (SCALPEL_SHARED) and `npm run build`
 *
 * Latency is of all models of a network beside the dense one, in turn, by `scalpel bench`. Finished runs stay in docs/figures and are not made again:
 * remove their lines to start over; `--page` runs nothing.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelProfile } from './study/kernel-profile.mjs';
import { scalpel, studyRuns } from './study/runs.mjs';
import { shrinkingPage } from './study/shrinking-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'shrinking');
const engine = ['--provider', 'cpu', '--json', '--quiet'];
const cifar = ['--scale', '1/255', '--mean', '0.485', '0.456', '0.406', '--std', '0.229', '0.224', '0.225'];
const ucr = (part) => join(shared, 'data/ucr/FacesUCR', `FacesUCR_${part}.npy`);

const resnet56 = {
  name: 'ResNet-56 (CIFAR-10)',
  stem: 'resnet56',
  model: join(shared, 'models/resnet56-cifar10/resnet56_cifar10.onnx'),
  calibration: [join(shared, 'data/cifar10/train-1500.bin'), '--samples', '512'],
  evaluation: join(shared, 'data/cifar10/test-300.bin'),
  options: cifar,
};

/** `options` are those of all data, `choice` what else is asked for than of other networks. */
const networks = [
  {
    name: 'GPT, 6 layers',
    stem: 'gpt',
    model: 'models/gpt-sotu/model.onnx',
    calibration: ['calibration/sotu.yaml'],
    evaluation: 'calibration/sotu-heldout.yaml',
    options: [],
  },
  resnet56,
  {
    ...resnet56,
    name: 'ResNet-56 (CIFAR-10), channels of its residual streams too',
    stem: 'resnet56-streams',
    choice: ['--units', 'channels,stream-channels'],
    profiled: [1, 3, 32, 32],
  },
  {
    name: 'SqueezeNet 1.0 (ImageNet)',
    stem: 'squeezenet',
    model: join(shared, 'models/squeezenet-imagenet/squeezenet1.0.onnx'),
    calibration: [pictures('seen', (rank) => rank % 25 < 16)],
    evaluation: pictures('held-out', (rank) => rank % 25 >= 16),
    options: ['--preset', 'squeezenet'],
  },
  {
    name: 'FCN (FacesUCR)',
    stem: 'fcn',
    model: join(shared, 'models/fcn-ucr/FacesUCR_fcn.onnx'),
    calibration: [ucr('TRAIN')],
    evaluation: ucr('TEST'),
    options: ['--kind', 'ucr', '--standardise', `min-max:${ucr('TRAIN')}`],
  },
  {
    name: 'CNN-LSTM (Cylinder-Bell-Funnel)',
    stem: 'lstm',
    calibration: ['calibration/cbf-train.tsv'],
    evaluation: 'calibration/cbf-test.tsv',
    options: [],
  },
];

const cells = [0.3, 0.5].flatMap((sparsity) =>
  [[], ['--reconstruct', 'half']].map((recovery) => ({ sparsity, recovery })),
);
const fileOf = ({ stem }, { sparsity, recovery }) =>
  join(folder, `${stem}-${sparsity}-${recovery.length > 0 ? 'fitted' : 'bare'}.onnx`);

const ledger = join(root, 'docs/figures/shrinking-results.jsonl');
const runs = studyRuns(root, folder, ledger, (figures) => JSON.stringify(figures));
const isPage = process.argv.includes('--page');
const results = [];
for (const network of networks) {
  const found = [];
  for (const cell of cells) {
    const id = `${network.stem}/${cell.sparsity}/${cell.recovery.length > 0 ? 'fitted' : 'bare'}`;
    if (!isPage || runs.has(id)) found.push({ ...cell, ...(await runs.once(id, () => shrunk(network, cell))) });
  }
  const bench = `${network.stem}/bench`;
  const times = !isPage || runs.has(bench) ? await runs.once(bench, () => timed(network)) : undefined;
  const profile = `${network.stem}/profile`;
  const parts =
    network.profiled && (!isPage || runs.has(profile)) ? await runs.once(profile, () => profiled(network)) : undefined;
  results.push({ name: network.name, choice: network.choice, found, times, parts });
}
writeFileSync(join(root, 'docs/shrinking-results.md'), shrinkingPage(results));

/** A folder of those of the 100 pictures whose rank among them fits: 64 to calibrate on, 36 to judge by. */
function pictures(part, isIn) {
  const [from, to] = [join(shared, 'data/imagenet'), join(folder, `pictures-${part}`)];
  if (!existsSync(from)) return to;
  mkdirSync(to, { recursive: true });
  const labels = JSON.parse(readFileSync(join(from, 'labels.json'), 'utf8')).filter((_, rank) => isIn(rank));
  writeFileSync(join(to, 'labels.json'), JSON.stringify(labels));
  for (const { file } of labels) copyFileSync(join(from, file), join(to, file));
  return to;
}

async function shrunk(network, cell) {
  const { calibration, evaluation, options, choice = [] } = network;
  const report = await scalpel(root, [
    ...['shrink', await denseModel(network), '--criterion', 'flap-wifv', '--allocation', 'uniform'],
    ...['--sparsity', `${cell.sparsity}`, ...choice, ...cell.recovery, '--calibration', ...calibration],
    ...['--eval-data', evaluation, ...options, ...engine, '--output', fileOf(network, cell), '--force'],
  ]);
  const { quality, parameters, multiplications, model, proof, groups, timing } = report;
  const { metric, before, after } = quality;
  return {
    ...{ metric, before, after, parameters, multiplications },
    bytes: { before: model.before.bytes, after: model.after.bytes },
    apart: proof.apart,
    groups: groups.length,
    seconds: Math.round(timing.totalSeconds),
  };
}

async function timed(network) {
  for (const cell of cells) if (!existsSync(fileOf(network, cell))) await shrunk(network, cell);
  const models = [await denseModel(network), ...cells.map((cell) => fileOf(network, cell))];
  const data = ['--data', network.evaluation, ...network.options];
  const report = await scalpel(root, [
    'bench',
    ...models,
    ...data,
    '--threads',
    '1',
    '--loads',
    '0',
    '--runs',
    '200',
    ...engine,
  ]);
  return {
    denseMilliseconds: report.models[0].latency.p50Milliseconds,
    ratios: report.models
      .slice(1)
      .map(({ ratio }) => ({ median: ratio.median, interval: ratio.interval, processor: ratio.processor?.median })),
  };
}

/** Of the dense model and of the first cell. */
async function profiled(network) {
  const [cell] = cells;
  if (!existsSync(fileOf(network, cell))) await shrunk(network, cell);
  const before = await kernelProfile(await denseModel(network), network.profiled);
  return { sparsity: cell.sparsity, before, after: await kernelProfile(fileOf(network, cell), network.profiled) };
}

/** One that is trained here where there is none: an LSTM behind convolutions. */
async function denseModel({ model, stem, calibration, evaluation }) {
  if (model) return model.startsWith('models/') ? join(root, model) : model;
  const output = join(folder, `${stem}-dense`);
  const path = join(output, 'model.onnx');
  if (existsSync(path)) return path;
  await scalpel(root, [
    ...['train', '--backbone', 'cnn-lstm', '--algorithm', 'supervised', '--data', ...calibration, '--test', evaluation],
    ...['--standardise', 'z:training', '--steps', '300', ...engine, '--output', output],
  ]);
  return path;
}
