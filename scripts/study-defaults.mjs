/**
 * The sweep that the defaults of reconstruction come from, scored on windows of training text that are apart from the calibration
 * windows, never on evaluation data. Writes docs/reconstruction-defaults.md.
 *
 *     node scripts/study-defaults.mjs           needs the shared models and data (SCALPEL_SHARED, default ../shared)
 *
 * Finished cells stay in docs/figures and are not run again; remove the file to start over. Half an hour on two quiet cores.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadNpy, saveNpy } from '../dist/tensor/npy.js';
import { defaultsPage } from './study/defaults-page.mjs';
import { heldOutWindows } from './study/held-out-windows.mjs';
import { inPool, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'sweep');
mkdirSync(folder, { recursive: true });

const model = join(root, 'models/gpt-sotu/model.onnx');
const descriptor = join(root, 'calibration/sotu.yaml');
const calibration = join(shared, 'models/gpt-sotu/calibration-tokens.npy');
const heldOut = join(folder, 'held-out-tokens.npy');
if (!existsSync(heldOut)) {
  const drawn = { model, descriptor, seed: 1000, count: 256 };
  saveNpy(heldOut, await heldOutWindows(drawn, [loadNpy(calibration)]));
}

const { run } = studyRuns(root, folder, join(root, 'docs/figures/reconstruction-defaults.jsonl'));

/** The defaults. */
const base = { reconstruct: 'half', 'batch-size': 2, rate: '4e-3', epochs: 5 };
const rates = ['5e-4', '1e-3', '2e-3', '4e-3', '8e-3'];
const atSize = (method, size) => rates.map((rate) => ({ method, options: { ...base, 'batch-size': size, rate } }));
const bySize = [...[2, 4, 8].flatMap((size) => atSize('wanda', size)), ...atSize('magnitude', 2)];
const one = (options, from = base) => ({ method: 'wanda', options: { ...from, ...options } });
/** Options are varied at half the rate, where most of them have more room to help. */
const slower = { ...base, rate: '2e-3' };
const others = [
  ...[2, 3, 10, 20].map((epochs) => ({ epochs })),
  ...['cosine', 'constant'].map((schedule) => ({ schedule })),
  { 'warm-up': 0 },
  { shuffle: true },
  { clip: 1 },
  { loss: 'cosine' },
  { 'held-out': 0.1 },
  { optimiser: 'sgd', rate: '0.1' },
  { optimiser: 'sgd', rate: '1' },
  ...['norms-and-biases', 'mask-lora', 'lora-prune', 'scale-lora', 'spp', 'lora'].map((trained) => ({ trained })),
  { inputs: 'dense' },
  { targets: 'own' },
].map((options) => one(options, slower));
const regions = ['matrix', 'block', 'blocks:2', 'whole'].flatMap((reconstruct) =>
  ['1e-3', '4e-3'].map((rate) => one({ reconstruct, rate })),
);
const retraining = ['1e-4', '3e-4', '1e-3'].map((rate) => ({
  method: 'wanda',
  options: { retrain: true, 'batch-size': 2, rate, epochs: 5 },
}));
const data = [32, 64, 128, 256, 512].map((samples) => ({ ...one({ samples }), calibration: descriptor }));

const tables = { bySize, others, regions, retraining, data };
const wanted = Object.values(tables).flat();
const found = await inPool(
  wanted.map((cell) => () => figuresOf(cell)),
  2,
);
const figures = new Map(wanted.map((cell, i) => [cell, found[i]]));
writeFileSync(join(root, 'docs', 'reconstruction-defaults.md'), defaultsPage(tables, figures, { base, slower }));

function figuresOf({ method, options, calibration: own = calibration }) {
  const words = Object.entries(options).map(([key, value]) => `${key}-${value}`);
  const flags = Object.entries(options).flatMap(([key, value]) =>
    value === true ? [`--${key}`] : [`--${key}`, `${value}`],
  );
  const criterion = ['--method', method, '--pattern', '0.7'];
  const samples = ['--calibration', own, '--eval-data', heldOut];
  // two runs at a time on two cores
  const engine = ['--provider', 'cpu', '--threads', '1'];
  return run([method, ...words].join('-').replaceAll(':', 'x'), [
    'prune',
    model,
    ...criterion,
    ...samples,
    ...engine,
    ...flags,
  ]);
}
