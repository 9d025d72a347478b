/**
 * The pruning study: every criterion on five networks, each cell one run of `scalpel prune`. Writes docs/pruning-results.md.
 *
 *     node scripts/study-pruning.mjs           needs the shared models and data (SCALPEL_SHARED, default ../shared)
 *
 * Finished cells stay in docs/figures and are not run again; remove the file to start over.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { networks } from './study/networks.mjs';
import { page } from './study/page.mjs';
import { inPool, studyRuns } from './study/runs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.SCALPEL_SHARED ?? join(root, '..', 'shared'));
const folder = join(root, 'out', 'study');
const methods = ['magnitude', 'random', 'wanda', 'ria', 'sparsegpt'];

mkdirSync(folder, { recursive: true });
const { run } = studyRuns(root, folder, join(root, 'docs/figures/pruning-results.jsonl'));
const tables = [];
for (const network of networks(shared, folder)) {
  const cells = network.patterns.flatMap((pattern) => methods.map((method) => () => cell(network, method, pattern)));
  // the page tells how long they took: one at a time
  tables.push({ network, methods, cells: await inPool(cells, 1) });
}
const reference = JSON.parse(readFileSync(join(shared, 'models/gpt-sotu/reference.json'), 'utf8'));
writeFileSync(join(root, 'docs', 'pruning-results.md'), page(tables, reference));

async function cell({ name, model, calibration, evaluation }, method, pattern) {
  const id = `${name}-${method}-${pattern.replace(':', 'of')}`;
  const criterion = ['--method', method, '--pattern', pattern];
  const data = ['--calibration', calibration, '--eval-data', evaluation];
  return { method, pattern, ...(await run(id, ['prune', model, ...criterion, ...data, '--provider', 'cpu'])) };
}
