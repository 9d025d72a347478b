/** What a weight costs besides the samples' runs, by criterion and width: the constants of src/pipeline/dry-run/costs.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinalg } from '../../dist/linalg/index.js';
import { fromMatrices, toMatrices } from '../../dist/ops/layout.js';
import { pruneLayer, pruners } from '../../dist/prune/index.js';
import { writeCheckpoint } from '../../dist/run/checkpoint.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';
import { machine, rounded } from './measure.mjs';

const widths = [768, 3072];
const rows = 768;

export async function* pruningCosts() {
  const linalg = await createLinalg();
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-bench-'));
  const methods = Object.keys(pruners);
  try {
    for (const columns of widths) {
      const work = layerOf(columns, linalg, folder);
      for (const method of methods) await work(pruners[method]);
      const times = [];
      for (const method of methods) times.push(await processorMilliseconds(() => work(pruners[method])));
      for (const [i, method] of methods.entries()) {
        const value = rounded((times[i] * 1e6) / (rows * columns));
        yield {
          name: `${method} of ${columns} columns`,
          value,
          unit: 'ns a weight',
          context: `processor time; ${machine}`,
        };
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await linalg.release();
  }
}

/** A matrix stored by columns is read, pruned, compared, laid back and kept, as in a run. */
function layerOf(columns, linalg, folder) {
  const layout = { view: [columns, rows], perm: [1, 0], stacks: 1, rows, columns };
  const stored = random(0, 'weights').normals(rows * columns);
  const gram = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) gram[i * columns + i] = 1 + (i % 7);
  const columnNorm = Float64Array.from({ length: columns }, (_, i) => 1 + (i % 7));
  const pattern = { kind: 'unstructured', sparsity: 0.5 };
  return async (pruner) => {
    const weight = { stacks: 1, rows, columns, data: toMatrices(layout, stored) };
    const statistics = { samples: 4 * columns, columnNorm, gram };
    const { weight: pruned } = await pruneLayer(pruner, { layer: 'w', weight, statistics, pattern, linalg });
    weight.data.reduce((sum, value, i) => sum + (value - pruned[i]) ** 2, 0);
    await writeCheckpoint(folder, 'step', new Map([['w', float32([columns, rows], fromMatrices(layout, pruned))]]), {});
  };
}

/** Of this process: what other work the machine has does not count. */
async function processorMilliseconds(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
