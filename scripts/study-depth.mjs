/**
 * The study of depth pruning: a GPT without one and two of its blocks, a ResNet without about a third of its branches, by every criterion, trained
 * again and not. Writes the tables of docs/shrinking-depth.md.
 *
 *     node scripts/study-depth.mjs [--page]      needs the shared data (SCALPEL_SHARED) and `npm run build`
 *
 * Criteria that take out the same blocks make the same model, which is timed once. Latency is of all models of a network beside the dense one, in turn, by `scalpel bench`. Finished runs stay in docs/figures and are not made again: remove their lines to start over; `--page` runs nothing.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { depthPage } from './study/depth-page.mjs';
import { scalpel, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'depth');
const engine = ['--provider', 'cpu', '--json', '--quiet'];
const { blockCriteria } = await import('../dist/prune/blocks/index.js');

/** `options` are those of all data. */
const networks = [
  {
    name: 'GPT, 6 blocks',
    stem: 'gpt',
    model: join(root, 'models/gpt-sotu/model.onnx'),
    units: 'blocks',
    sparsities: [0.17, 0.33],
    calibration: ['calibration/sotu.yaml'],
    evaluation: 'calibration/sotu-heldout.yaml',
    options: [],
    // twice over four times the windows: five times over 128 of them learns these by heart
    recovery: ['--retrain', '--samples', '512', '--epochs', '2'],
  },
  {
    name: 'ResNet-56 (CIFAR-10), 25 branches with bare shortcuts',
    stem: 'resnet56',
    model: join(shared, 'models/resnet56-cifar10/resnet56_cifar10.onnx'),
    units: 'branches',
    sparsities: [0.3],
    calibration: [join(shared, 'data/cifar10/train-1500.bin'), '--samples', '512'],
    evaluation: join(shared, 'data/cifar10/test-300.bin'),
    options: ['--scale', '1/255', '--mean', '0.485', '0.456', '0.406', '--std', '0.229', '0.224', '0.225'],
    recovery: ['--retrain', '--epochs', '3'],
  },
];

/** What is trained again: the best that needs no labels, and what looks at the loss itself. */
const trainedToo = ['block-influence', 'loss'];

const cellsOf = ({ sparsities }) =>
  sparsities.flatMap((sparsity) => Object.keys(blockCriteria).map((criterion) => ({ sparsity, criterion })));
const idOf = ({ stem }, { sparsity, criterion }) => `${stem}/${sparsity}/${criterion}`;
const fileOf = (network, cell, suffix = '') =>
  join(folder, `${idOf(network, cell).replaceAll('/', '-')}${suffix}.onnx`);

const ledger = join(root, 'docs/figures/shrinking-depth.jsonl');
const runs = studyRuns(root, folder, ledger, (figures) => JSON.stringify(figures));
const isPage = process.argv.includes('--page');
const known = (id, make) => (isPage && !runs.has(id) ? undefined : runs.once(id, make));

const results = [];
for (const network of networks) {
  const found = [];
  for (const cell of cellsOf(network)) {
    const bare = await known(idOf(network, cell), () => shrunk(network, cell));
    if (bare) found.push({ ...cell, bare });
  }
  const firstWith = ({ bare }) => found.find((other) => other.bare.gone.join() === bare.gone.join());
  for (const cell of found.filter(({ criterion }) => trainedToo.includes(criterion)))
    cell.trained = await known(`${idOf(network, cell)}/trained`, () => shrunk(network, cell, network.recovery));
  const different = found.filter((cell) => firstWith(cell) === cell);
  const times = await known(`${network.stem}/bench`, () => timed(network, different));
  results.push({
    name: network.name,
    found: found.map((cell) => {
      const first = firstWith(cell);
      return { ...cell, ratio: times?.ratios[different.indexOf(first)] };
    }),
    times,
  });
}
writeFileSync(join(root, 'docs/shrinking-depth.md'), depthPage(results));

async function shrunk(network, cell, recovery = []) {
  const { model, units, calibration, evaluation, options } = network;
  const output = fileOf(network, cell, recovery.length > 0 ? '-trained' : '');
  const report = await scalpel(root, [
    ...[
      'shrink',
      model,
      '--units',
      units,
      '--criterion',
      cell.criterion,
      '--sparsity',
      `${cell.sparsity}`,
      ...recovery,
    ],
    ...['--calibration', ...calibration, '--eval-data', evaluation, ...options, ...engine],
    ...['--output', output, '--force'],
  ]);
  const { quality, parameters, multiplications, proof, groups, timing } = report;
  const { metric, before, after } = quality;
  return {
    ...{ metric, before, after, parameters, multiplications },
    gone: groups.flatMap(({ left }, i) => (left === 0 ? [i] : [])),
    apart: proof.apart,
    seconds: Math.round(timing.totalSeconds),
  };
}

async function timed(network, cells) {
  for (const cell of cells) if (!existsSync(fileOf(network, cell))) await shrunk(network, cell);
  const models = [network.model, ...cells.map((cell) => fileOf(network, cell))];
  const report = await scalpel(root, [
    ...['bench', ...models, '--data', network.evaluation, ...network.options],
    ...['--threads', '1', '--loads', '0', '--runs', '100', ...engine],
  ]);
  return {
    denseMilliseconds: report.models[0].latency.p50Milliseconds,
    ratios: report.models.slice(1).map(({ ratio }) => ({ median: ratio.median, interval: ratio.interval })),
  };
}
