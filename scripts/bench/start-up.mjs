/** How long the command line takes before it does anything. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTurn, machine, rounded } from './measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const start = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore' });

export async function* startUp() {
  const [node, help, inspect] = await inTurn(
    [
      () => start('-e', '0'),
      () => start('bin/scalpel.js', '--help'),
      () => start('bin/scalpel.js', 'inspect', 'models/gpt-sotu/model.onnx'),
    ],
    7,
  );
  const context = `whole process, median of 7; node alone takes ${rounded(node / 1000)} s; ${machine}`;
  yield { name: '--help', value: rounded(help / 1000), unit: 's', context };
  yield { name: 'inspect gpt-sotu', value: rounded(inspect / 1000), unit: 's', context };
}
