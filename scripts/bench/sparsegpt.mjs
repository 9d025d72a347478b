/** SparseGPT of the whole bundled GPT, as `scalpel prune` does it, and how much of it is spent outside the runtime. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, rounded } from './measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function* sparsegpt() {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-bench-'));
  const args = ['prune', 'models/gpt-sotu/model.onnx', '--method', 'sparsegpt', '--pattern', '0.5'];
  const data = ['--calibration', 'calibration/sotu.yaml', '--output', join(folder, 'pruned.onnx'), '--json', '--quiet'];
  const { stdout, status, stderr } = spawnSync(process.execPath, ['bin/scalpel.js', ...args, ...data], {
    cwd: root,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true, force: true });
  if (status !== 0) throw new Error(stderr);
  const { timing, layers, data: used } = JSON.parse(stdout);
  const { seconds, runtimeSeconds } = timing.stages.find(({ stage }) => stage === 'prune');
  const context = `${layers.length} matrices, ${used.calibration.tokens} calibration tokens, statistics and checkpoints included; ${machine}`;
  yield { name: 'gpt-sotu', value: rounded(seconds), unit: 's', context };
  yield {
    name: 'gpt-sotu outside the runtime',
    value: rounded(1 - runtimeSeconds / seconds),
    unit: 'fraction',
    context,
  };
}
