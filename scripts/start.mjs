/** The main job on bundled inputs: halves the weights of the small GPT by Wanda and measures what it costs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = [
  ...['prune', 'models/gpt-sotu/model.onnx', '--method', 'wanda', '--pattern', '0.5'],
  ...['--calibration', 'calibration/sotu.yaml', '--eval-data', 'calibration/sotu-heldout.yaml'],
  ...['--output', 'out/gpt-sotu-wanda-0.5.onnx', '--force', ...process.argv.slice(2)],
];

console.error(`scalpel ${command.join(' ')}\n`);
const { status } = spawnSync(process.execPath, ['bin/scalpel.js', ...command], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
