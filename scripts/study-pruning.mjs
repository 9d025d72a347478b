/**
 * The pruning study: every criterion on four networks, each cell one run of `scalpel prune`. Writes docs/pruning-results.md.
 *
 *     node scripts/study-pruning.mjs           needs the shared models and data (SCALPEL_SHARED, default ../shared)
 *
 * Finished cells stay in out/study and are not run again; remove the folder to start over.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { networks } from './study/networks.mjs';
import { page } from './study/page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'study');
const methods = ['magnitude', 'random', 'wanda', 'ria', 'sparsegpt'];

mkdirSync(folder, { recursive: true });
const tables = networks(shared, folder).map((network) => {
  const cells = network.patterns.flatMap((pattern) => methods.map((method) => cell(network, method, pattern)));
  return { network, methods, cells };
});
const reference = JSON.parse(readFileSync(join(shared, 'models/gpt-sotu/reference.json'), 'utf8'));
writeFileSync(join(root, 'docs', 'pruning-results.md'), page(tables, reference));

/** The figures of one run, from disk when it was made before. */
function cell({ name, model, calibration, evaluation }, method, pattern) {
  const id = `${name}-${method}-${pattern.replace(':', 'of')}`;
  const path = join(folder, `${id}.json`);
  if (!existsSync(path)) {
    const output = join(folder, `${id}.onnx`);
    const args = ['prune', model, '--method', method, '--pattern', pattern, '--calibration', calibration];
    const ending = ['--eval-data', evaluation, '--output', output, '--provider', 'cpu', '--force', '--json', '--quiet'];
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/scalpel.js', ...args, ...ending], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`${id}: ${stderr}`);
    const { quality, selected, weights, model: files, timing, settings } = JSON.parse(stdout);
    writeFileSync(path, JSON.stringify({ quality, selected, weights, files, timing, settings }));
  }
  const figures = JSON.parse(readFileSync(path, 'utf8'));
  console.error(`${id}: ${figures.quality.before} -> ${figures.quality.after}`);
  return { method, pattern, ...figures };
}
